#pragma once

#include <cstdint>

namespace tsuwsgi::proto {

/// Longest method, in either protocol; a longer one is none that anybody implements.
inline constexpr uint32_t kMaxMethod = 32;

/// Sizes a request may have; filled from the option table. 0 means no limit, except for head_bytes.
struct RequestLimits {
  uint32_t head_bytes = 32768;   ///< --buffer-size: request line and header section together (431)
  uint32_t target_bytes = 8192;  ///< --limit-target: the request target (414)
  uint32_t header_count = 128;   ///< --limit-headers: field lines (431)
  uint64_t body_bytes = 0;       ///< --limit-post: decoded body (413)
};

}  // namespace tsuwsgi::proto
