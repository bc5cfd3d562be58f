#include "net/timer_wheel.h"

#include <algorithm>

namespace tsuwsgi::net {

TimerWheel::TimerWheel(int64_t now_ms) : heads_(static_cast<size_t>(kBuckets)), tick_(now_ms / kTickMs) {
  for (TimerNode& head : heads_) head.previous = head.next = &head;
}

void TimerWheel::set(TimerNode& node, int64_t deadline_ms) {
  node.deadline_ms = deadline_ms;
  if (node.linked()) {
    if (deadline_ms >= node.bucket_ms - kTickMs) return;
    unlink(node);
  }
  link(node);
}

void TimerWheel::cancel(TimerNode& node) {
  if (node.linked()) unlink(node);
}

void TimerWheel::link(TimerNode& node) {
  // One tick later than the deadline's own, so that the deadline has passed when the bucket is looked at.
  const int64_t wanted = node.deadline_ms / kTickMs + 1;
  const int64_t tick = std::clamp(wanted, tick_ + 1, tick_ + kBuckets - 1);
  node.bucket_ms = tick * kTickMs;
  const auto index = static_cast<size_t>(tick % kBuckets);
  TimerNode& head = heads_[index];
  node.previous = head.previous;
  node.next = &head;
  head.previous->next = &node;
  head.previous = &node;
  used_[index / 64] |= uint64_t{1} << (index % 64);
}

void TimerWheel::unlink(TimerNode& node) {
  node.previous->next = node.next;
  node.next->previous = node.previous;
  if (node.next == node.previous) {  // only the bucket's head is left
    const auto index = static_cast<size_t>(node.next - heads_.data());
    used_[index / 64] &= ~(uint64_t{1} << (index % 64));
  }
  node.previous = node.next = nullptr;
}

const std::vector<TimerNode*>& TimerWheel::expire(int64_t now_ms) {
  expired_.clear();
  const int64_t now_tick = now_ms / kTickMs;
  const int64_t first = std::max(tick_ + 1, now_tick - kBuckets + 1);
  tick_ = std::max(tick_, now_tick);
  std::vector<TimerNode*> later;
  for (int64_t tick = first; tick <= now_tick; ++tick) {
    TimerNode& head = heads_[static_cast<size_t>(tick % kBuckets)];
    while (head.next != &head) {
      TimerNode* node = head.next;
      unlink(*node);
      (node->deadline_ms <= now_ms ? expired_ : later).push_back(node);
    }
  }
  for (TimerNode* node : later) link(*node);
  return expired_;
}

int64_t TimerWheel::next_bucket_tick() const {
  const int64_t start = tick_ + 1;
  for (int64_t step = 0; step < kBuckets;) {
    const auto index = static_cast<size_t>((start + step) % kBuckets);
    const uint64_t rest = used_[index / 64] >> (index % 64);
    if (rest != 0) return start + step + __builtin_ctzll(rest);
    step += 64 - static_cast<int64_t>(index % 64);
  }
  return -1;
}

int TimerWheel::next_timeout_ms(int64_t now_ms) const {
  const int64_t tick = next_bucket_tick();
  if (tick < 0) return -1;
  return static_cast<int>(std::max<int64_t>(0, tick * kTickMs - now_ms));
}

}  // namespace tsuwsgi::net
