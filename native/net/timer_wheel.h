#pragma once

#include <cstdint>
#include <vector>

namespace tsuwsgi::net {

/// Where an object hangs in the wheel. Embedded in the object; unlinks nothing by itself.
struct TimerNode {
  TimerNode* previous = nullptr;
  TimerNode* next = nullptr;
  int64_t deadline_ms = 0;  ///< what the owner wants; may move later without touching the wheel
  int64_t bucket_ms = 0;    ///< when the wheel looks at the node next
  bool linked() const { return next != nullptr; }
};

/// Deadlines with a coarse grid. A deadline that moves later costs one store: the wheel finds out when it looks.
/// Belongs to one thread.
class TimerWheel {
 public:
  explicit TimerWheel(int64_t now_ms);

  /// Sets the node's deadline; relinks only where the wheel would look too late.
  void set(TimerNode& node, int64_t deadline_ms);
  void cancel(TimerNode& node);

  /// Collects the nodes whose deadline has passed and unlinks them. The result is valid until the next call.
  const std::vector<TimerNode*>& expire(int64_t now_ms);

  /// Milliseconds until something may expire; -1: nothing is set.
  int next_timeout_ms(int64_t now_ms) const;

 private:
  static constexpr int64_t kTickMs = 32;
  static constexpr int64_t kBuckets = 2048;
  static constexpr int64_t kWords = kBuckets / 64;

  void link(TimerNode& node);
  void unlink(TimerNode& node);
  int64_t next_bucket_tick() const;

  std::vector<TimerNode> heads_;
  uint64_t used_[kWords] = {};
  int64_t tick_;  ///< buckets up to and including this tick have been looked at
  std::vector<TimerNode*> expired_;
};

}  // namespace tsuwsgi::net
