#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace tsuwsgi::base {

/// Pool of T with stable addresses and generation-checked handles: a handle of a freed object never finds its
/// successor. T needs `uint32_t slot`, `uint32_t generation`, `bool live` and `void reset()`, which gives back what the
/// object held. Belongs to one thread.
template <class T>
class Slab {
 public:
  T& acquire() {
    if (free_.empty()) {
      items_.emplace_back();
      items_.back().slot = static_cast<uint32_t>(items_.size() - 1);
      free_.push_back(items_.back().slot);
    }
    T& item = items_[free_.back()];
    free_.pop_back();
    item.live = true;
    ++live_;
    return item;
  }

  void release(T& item) {
    item.reset();
    item.live = false;
    ++item.generation;
    --live_;
    free_.push_back(item.slot);
  }

  T* find(uint32_t slot, uint32_t generation) {
    if (slot >= items_.size()) return nullptr;
    T& item = items_[slot];
    return item.live && item.generation == generation ? &item : nullptr;
  }

  /// For handles that carry part of the generation: `matches` decides.
  template <class Matches>
  T* find_if(uint32_t slot, Matches matches) {
    if (slot >= items_.size() || !items_[slot].live || !matches(items_[slot])) return nullptr;
    return &items_[slot];
  }

  size_t live() const { return live_; }

  template <class Visit>
  void for_each_live(Visit visit) {
    for (size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].live) visit(items_[i]);
    }
  }

 private:
  std::deque<T> items_;
  std::vector<uint32_t> free_;
  size_t live_ = 0;
};

}  // namespace tsuwsgi::base
