#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace tsuwsgi::server {

/// In which order JavaScript got the requests of one loop among those of all loops: it gets them in batches and runs
/// them one after the other, so those behind the one it runs have not begun. The JavaScript thread writes, the loop's
/// thread reads.
class BegunOrder {
 public:
  /// Of requests in slots from here on nothing is known: they count as begun.
  static constexpr uint32_t kSlots = 4096;

  void note(uint32_t slot, uint64_t number) {
    if (slot < kSlots) numbers_[slot].store(number, std::memory_order_relaxed);
  }
  /// Of the last request in this slot; 0: not known.
  uint64_t number(uint32_t slot) const { return slot < kSlots ? numbers_[slot].load(std::memory_order_relaxed) : 0; }

 private:
  std::array<std::atomic<uint64_t>, kSlots> numbers_{};
};

}  // namespace tsuwsgi::server
