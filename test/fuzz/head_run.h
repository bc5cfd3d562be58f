#pragma once

#include <string>
#include <string_view>

#include "fuzz/split.h"
#include "proto/http1/head_parser.h"

namespace tsuwsgi::test {

/// What feeding a head in some pieces gave.
struct HeadRun {
  http1::ParseResult result = http1::ParseResult::kNeedMore;
  http1::Refusal refusal;
  http1::RequestHead head;
  size_t seen = 0;  ///< bytes that had arrived when the parser was done or refused

  /// Everything that must not depend on the pieces.
  std::string text() const;
};

/// Each piece comes with everything before it, in new memory of exactly that size (up to some kilobytes).
HeadRun run_head(std::string_view bytes, const Splits& splits, const proto::RequestLimits& limits);

/// All fields of a head in words.
std::string describe_head(const http1::RequestHead& head);

}  // namespace tsuwsgi::test
