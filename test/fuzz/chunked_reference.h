#pragma once

#include <string>
#include <string_view>

namespace tsuwsgi::test {

/// A second reading of RFC 9112 section 7.1, written for plainness, on a whole body: what the decoder is compared with.
struct ChunkedReference {
  enum class Verdict { kComplete, kIncomplete, kWrong };
  Verdict verdict = Verdict::kIncomplete;
  std::string decoded;  ///< where complete
  size_t consumed = 0;  ///< where complete
};

ChunkedReference decode_chunked(std::string_view bytes);

}  // namespace tsuwsgi::test
