#pragma once

#include <atomic>
#include <cstdint>

namespace tsuwsgi::server {

/// One loop's figures. Written by the loop's thread only, read by any (relaxed: each is right, together they may be a
/// moment apart).
struct Counters {
  struct Cell {
    std::atomic<uint64_t> value{0};
    void add(uint64_t amount = 1) {
      value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    void subtract(uint64_t amount = 1) {
      value.store(value.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
    }
    uint64_t get() const { return value.load(std::memory_order_relaxed); }
  };
  Cell connections;  ///< open now
  Cell accepted;
  Cell requests;   ///< complete heads (and bodies) that were dispatched or answered by the core
  Cell in_flight;  ///< given to JavaScript, not answered yet
  Cell rejected;   ///< 503 because too many were pending
  Cell bad_requests;
  Cell timeouts;
  Cell aborted;
  Cell stale_writes;
  Cell accept_pauses;
  Cell bytes_in;
  Cell bytes_out;
  Cell running_us;  ///< of all finished requests, from their arrival; only where ServerOptions::measures_time
};

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
  /// Body bytes held in memory on behalf of requests that JavaScript has not taken yet.
  std::atomic<uint64_t> body_memory{0};
};

}  // namespace tsuwsgi::server
