#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/http1/parse_result.h"

namespace tsuwsgi::http1 {

/// Decodes one request body: a known length, or chunked with extensions and trailers (RFC 9112 sections 6 and 7).
/// Pull style: each `next` looks at bytes from `data` and returns one step, so the caller decides where the data goes.
class BodyDecoder {
 public:
  enum class Kind : uint8_t {
    kNeedMore,  ///< everything in `data` was consumed and the body is not complete
    kData,      ///< `step.data` (points into the input) is body
    kEnd,       ///< complete; bytes behind `step.consumed` belong to the next request
    kRefused,
  };
  struct Step {
    Kind kind = Kind::kNeedMore;
    size_t consumed = 0;  ///< bytes of the input that this step used up (framing and data)
    const char* data = nullptr;
    size_t length = 0;
    Refusal refusal;
  };

  void start_length(uint64_t content_length);
  /// `body_bytes_limit` 0: none. A chunked body that grows over it is refused with 413. `trailer_bytes_limit` bounds
  /// the trailer section (431) and how far chunk extensions may outweigh the data (400).
  void start_chunked(uint64_t body_bytes_limit, uint32_t trailer_bytes_limit);

  /// Call again with what is behind `consumed` until the answer is kNeedMore, kEnd or kRefused, also when nothing is
  /// left: the end of a body of known length needs no further byte. kEnd and kRefused stay.
  Step next(const char* data, size_t size);

  /// Body bytes delivered so far.
  uint64_t decoded() const { return decoded_; }

 private:
  /// Where the next byte belongs. The extension phases follow the grammar of RFC 9112 section 7.1.1.
  enum class Phase : uint8_t {
    kLengthData,
    kSize,
    kExtensionName,  ///< behind ';', before the name
    kInExtensionName,
    kAfterExtensionName,  ///< white space behind a name: '=' or ';' must follow
    kExtensionValue,      ///< behind '=', before the value
    kInExtensionValue,
    kQuoted,
    kQuotedPair,
    kAfterQuoted,
    kAfterExtension,  ///< white space behind a value: ';' must follow
    kSizeLf,
    kChunkData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kEndLf,
    kEnd,
    kRefused,
  };

  bool in_extension() const { return phase_ >= Phase::kExtensionName && phase_ <= Phase::kAfterExtension; }
  bool in_trailer() const { return phase_ >= Phase::kTrailerStart && phase_ <= Phase::kEndLf; }
  Step deliver(const char* data, size_t size, size_t consumed);
  void take(char c);
  void take_size(char c);
  void take_extension(char c);
  void end_extension_part(char c);
  void take_line_end(char c);
  void take_trailer(char c);
  void finish_size();
  void refuse(uint16_t status, const char* reason);
  void expect(char c, char wanted, Phase next, const char* reason);

  uint64_t decoded_ = 0;
  uint64_t remaining_ = 0;  ///< of the body, or of the chunk
  uint64_t body_limit_ = 0;
  uint64_t extension_excess_ = 0;  ///< bytes of extensions that no data has paid for yet
  uint32_t trailer_limit_ = 0;
  uint64_t trailer_bytes_ = 0;
  uint8_t size_digits_ = 0;
  Phase phase_ = Phase::kEnd;
  Refusal refusal_;
};

}  // namespace tsuwsgi::http1
