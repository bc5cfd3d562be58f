#pragma once

#include <string>
#include <string_view>

#include "fuzz/split.h"
#include "proto/uwsgi/head_parser.h"

namespace tsuwsgi::test {

/// What feeding a packet in some pieces gave.
struct PacketRun {
  proto::ParseResult result = proto::ParseResult::kNeedMore;
  proto::Refusal refusal;
  uwsgi::RequestHead head;
  size_t seen = 0;  ///< bytes that had arrived when the parser was done or refused

  /// Everything that must not depend on the pieces.
  std::string text() const;
};

/// Each piece comes with everything before it, in new memory of exactly that size (up to some kilobytes).
PacketRun run_packet(std::string_view bytes, const Splits& splits, const proto::RequestLimits& limits);

}  // namespace tsuwsgi::test
