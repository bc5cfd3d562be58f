#pragma once

#include <cstdint>
#include <vector>

#include "server/record_queue.h"

namespace tsuwsgi::server {

/// Where a loop's event records go. Called on the loop's thread, once a turn.
class RequestSink {
 public:
  /// Takes all of `events` and leaves it empty. In loop mode JavaScript runs inside this call and its operations are
  /// applied before it returns; new events may be in the queue then.
  virtual void deliver(uint32_t loop, RecordQueue& events) = 0;
  /// Takes back what was delivered and JavaScript has not begun to look at; `out` is empty before.
  virtual void retract(uint32_t loop, std::vector<uint8_t>& out) {
    static_cast<void>(loop);
    static_cast<void>(out);
  }

 protected:
  ~RequestSink() = default;
};

}  // namespace tsuwsgi::server
