#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tsuwsgi::shared {

/// Locks that processes share and hold for as long as they like (`--locks`). A holder is a process, named by its pid:
/// it may lock on one thread and unlock on another. Nothing here waits but `wait_release`; whoever learns of a
/// process's death, its parent, gives back what it held.
///
/// Lives in memory that starts as zeros, which are free locks. Any thread of any process may call any method.
class LockTable {
 public:
  static size_t bytes(uint32_t locks);
  LockTable(void* memory, uint32_t locks);

  /// false where it is held, also where this process holds it.
  bool try_lock(uint32_t lock, uint32_t pid);
  /// false where `pid` does not hold it.
  bool unlock(uint32_t lock, uint32_t pid);
  /// Unlocks what a dead process held; returns how many locks that were.
  uint32_t release_all(uint32_t pid);
  /// Pid of the holder, 0 while the lock is free.
  uint32_t holder(uint32_t lock) const;
  /// How often a lock was unlocked. Read it before `try_lock`: then no release is missed by `wait_release`.
  uint32_t releases() const;
  /// Returns when a lock was unlocked since `releases()` was `seen`, or the time is over. Blocks its thread.
  void wait_release(uint32_t seen, int64_t limit_ms);

 private:
  struct Header;
  struct alignas(64) Cell {
    std::atomic<uint32_t> holder;
  };

  void released();

  Header* header_;
  Cell* cells_;
  uint32_t locks_;
};

}  // namespace tsuwsgi::shared
