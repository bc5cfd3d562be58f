#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/http1/parse_result.h"
#include "proto/http1/request_head.h"

namespace tsuwsgi::http1 {

/// Incremental parser of `method SP request-target SP HTTP-version CRLF` with at most one CRLF before it (RFC 9112
/// sections 2.2, 3). Value type without references: as cheap to make as to reset.
class RequestLineParser {
 public:
  /// `data[0, window)` starts at the request's first byte. kDone: everything about the line is set in `head`, and
  /// `at()` is the first byte behind it. `target_bytes` 0: no limit.
  ParseResult parse(const char* data, size_t window, uint32_t target_bytes, RequestHead& head, Refusal& refusal);

  uint32_t at() const { return at_; }
  /// The target is being read: a line that is too long now is a target that is too long.
  bool in_target() const { return phase_ == Phase::kTarget; }

 private:
  enum class Phase : uint8_t { kStart, kStartLf, kMethod, kTarget, kVersion, kDone };

  ParseResult read_start(const char* data, size_t window, Refusal& refusal);
  ParseResult read_method(const char* data, size_t window, RequestHead& head, Refusal& refusal);
  ParseResult read_target(const char* data, size_t window, uint32_t target_bytes, RequestHead& head, Refusal& refusal);
  ParseResult read_version(const char* data, size_t window, RequestHead& head, Refusal& refusal);
  ParseResult finish(const char* data, RequestHead& head, Refusal& refusal);

  Phase phase_ = Phase::kStart;
  uint32_t line_ = 0;  ///< first byte of the method
  uint32_t mark_ = 0;  ///< first byte of the element being read
  uint32_t at_ = 0;    ///< first byte not looked at yet
};

}  // namespace tsuwsgi::http1
