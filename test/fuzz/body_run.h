#pragma once

#include <string>
#include <string_view>

#include "fuzz/split.h"
#include "proto/http1/body_decoder.h"

namespace tsuwsgi::test {

/// How a body is started: by its length, or chunked with limits.
struct BodySetup {
  bool chunked = true;
  uint64_t length = 0;
  uint64_t body_bytes = 0;
  uint32_t trailer_bytes = 8192;
};

/// What feeding a body in some pieces gave.
struct BodyRun {
  http1::BodyDecoder::Kind kind = http1::BodyDecoder::Kind::kNeedMore;
  http1::Refusal refusal;
  std::string decoded;
  size_t consumed = 0;

  std::string text() const;
};

/// Each piece is in memory of its own of exactly its size. Aborts where a step breaks the decoder's contract.
BodyRun run_body(std::string_view bytes, const Splits& splits, const BodySetup& setup);

}  // namespace tsuwsgi::test
