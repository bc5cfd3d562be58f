#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace tsuwsgi::base {

/// Bytes on their way from one thread to another, in order. Any thread may post; the owner takes everything at once.
/// `post` tells whether the owner has to be woken: only the first post after a take does.
class Mailbox {
 public:
  bool post(const uint8_t* bytes, size_t size) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool was_empty = bytes_.empty();
    bytes_.insert(bytes_.end(), bytes, bytes + size);
    return was_empty;
  }

  /// Swaps the contents into `out`, which must be empty (its memory is reused for the next posts).
  void take(std::vector<uint8_t>& out) {
    const std::lock_guard<std::mutex> lock(mutex_);
    bytes_.swap(out);
  }

 private:
  std::mutex mutex_;
  std::vector<uint8_t> bytes_;  // guarded by mutex_
};

}  // namespace tsuwsgi::base
