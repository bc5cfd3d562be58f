#pragma once

#include <cstdint>

namespace tsuwsgi::proto {

/// Why a request was refused: the status to answer with and a fixed text for the log. The connection closes afterwards.
/// Status 0: nothing was refused.
struct Refusal {
  uint16_t status = 0;
  const char* reason = "";

  explicit operator bool() const { return status != 0; }
};

enum class ParseResult : uint8_t { kNeedMore, kDone, kRefused };

}  // namespace tsuwsgi::proto
