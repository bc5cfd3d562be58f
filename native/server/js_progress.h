#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/scoreboard.h"

namespace tsuwsgi::server {

/// How far JavaScript has come with the requests of one loop. The JavaScript thread writes a request's time before its
/// answer goes back to the loop, which reads it then.
class JsProgress {
 public:
  /// Requests in slots from here on, which are in flight at the same time as that many others, have no time.
  static constexpr uint32_t kSlots = 4096;

  /// `taken` may be null; it is read by other processes.
  explicit JsProgress(base::TakenByJs* taken) : taken_(taken) {}

  /// On the JavaScript thread, for each request in the order in which the loop handed them over.
  void begin(uint32_t slot, int64_t now_us) {
    begin_later(slot, now_us);
    if (taken_ == nullptr) return;
    taken_->sequence.add();
    taken_->at_us.set(static_cast<uint64_t>(now_us));
  }
  /// It had to wait for others after it was begun.
  void begin_later(uint32_t slot, int64_t now_us) {
    if (slot < kSlots) begun_[slot].store(now_us, std::memory_order_relaxed);
  }
  /// When the last request in this slot was begun; 0: not known.
  int64_t begun_us(uint32_t slot) const { return slot < kSlots ? begun_[slot].load(std::memory_order_relaxed) : 0; }

 private:
  base::TakenByJs* taken_;
  std::array<std::atomic<int64_t>, kSlots> begun_{};
};

}  // namespace tsuwsgi::server
