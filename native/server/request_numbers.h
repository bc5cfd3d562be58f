#pragma once

#include <atomic>
#include <cstdint>

#include "base/scoreboard.h"

namespace tsuwsgi::server {

/// Numbers of requests for the log: of this worker, and of all workers since the server's start. Any loop's thread.
class RequestNumbers {
 public:
  /// Before the loops start. Without a row there is only this worker.
  void look_at(base::WorkerRow row) { row_ = row; }
  /// Loops on one thread count without a locked instruction.
  uint64_t next(bool one_thread) {
    if (!one_thread) return worker_.fetch_add(1, std::memory_order_relaxed) + 1;
    const uint64_t number = worker_.load(std::memory_order_relaxed) + 1;
    worker_.store(number, std::memory_order_relaxed);
    return number;
  }
  /// How many requests other workers had, as the master said last, about a second ago.
  uint64_t others() const {
    if (!row_.valid()) return 0;
    return static_cast<uint64_t>(
        row_.header().cells[base::WorkerHeader::kOtherRequests].load(std::memory_order_relaxed));
  }

 private:
  base::WorkerRow row_;
  std::atomic<uint64_t> worker_{0};
};

}  // namespace tsuwsgi::server
