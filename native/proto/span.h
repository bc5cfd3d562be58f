#pragma once

#include <cstdint>

namespace tsuwsgi::proto {

/// Bytes of the input buffer, as an offset from the start of the request's first byte.
/// Stays valid when the buffer moves; ends with the request.
struct Span {
  uint32_t offset = 0;
  uint32_t length = 0;
};

}  // namespace tsuwsgi::proto
