#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "server/arrivals.h"
#include "server/begun_order.h"
#include "server/js_progress.h"
#include "server/records.h"
#include "server/request_numbers.h"

namespace tsuwsgi::server {

/// What all loops of a worker share.
struct SharedState {
  /// Requests that were parsed and that JavaScript has not begun. Loops add, the JavaScript thread subtracts.
  std::atomic<uint32_t> pending{0};
  /// Loop mode: the loop's thread is the JavaScript thread, and counting needs no locked instruction (it costs 1 % of a
  /// small request).
  bool one_thread = false;
  void add_pending() {
    if (one_thread) return pending.store(pending.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    pending.fetch_add(1, std::memory_order_relaxed);
  }
  void subtract_pending() {
    if (one_thread) return pending.store(pending.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    pending.fetch_sub(1, std::memory_order_relaxed);
  }
  /// Bytes of bodies in memory that JavaScript has not taken yet (HeldBody), but for small ones once they are in its
  /// inbox.
  std::atomic<uint64_t> body_memory{0};
  /// By loop; empty where nobody looks how long requests take. Made before the loops start.
  std::vector<std::unique_ptr<JsProgress>> progress;
  /// By loop; empty in loop mode, and where no master looks.
  std::vector<std::unique_ptr<BegunOrder>> begun;
  /// The JavaScript thread's.
  uint64_t begun_requests = 0;
  void measure(const base::WorkerRow& board, uint32_t loops) {
    for (uint32_t loop = 0; loop < loops; ++loop) {
      base::TakenByJs* taken = board.valid() ? &board.loop(loop).taken : nullptr;
      progress.push_back(std::make_unique<JsProgress>(taken));
      if (board.valid() && !one_thread) begun.push_back(std::make_unique<BegunOrder>());
    }
    numbers.look_at(board);
  }
  /// On the JavaScript thread, which takes requests in the order in which a loop hands them over. `handle`: as in
  /// REQUEST records.
  void begin_request(uint32_t handle, int64_t now_us) {
    const uint32_t loop = handle >> kLoopShift;
    if (loop < progress.size()) progress[loop]->begin(handle & kSlotMask, now_us);
    if (loop < begun.size()) begun[loop]->note(handle & kSlotMask, ++begun_requests);
  }
  /// For the lines of the request log.
  RequestNumbers numbers;
  void begin_later(uint32_t handle, int64_t now_us) {
    const uint32_t loop = handle >> kLoopShift;
    if (loop < progress.size()) progress[loop]->begin_later(handle & kSlotMask, now_us);
  }
  /// Connections from other workers, on their way to a loop.
  Arrivals arrivals;
};

}  // namespace tsuwsgi::server
