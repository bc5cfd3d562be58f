#pragma once

#include <pthread.h>

#include <cstdint>

namespace tsuwsgi::shared {

/// A mutex in memory that processes share. When its holder dies, the next one that locks it is told, instead of waiting
/// for ever. For critical sections of microseconds; whoever locks it unlocks it, on the same thread.
class RobustMutex {
 public:
  enum class Lock : uint8_t {
    kTaken,
    kOwnerDied,  ///< taken; what it protects may be half-written: repair it, then call `consistent`
    kBusy,       ///< not taken within the limit: the holder is stopped
  };

  /// Once, by the process that made the memory, before any other maps it.
  void initialize();
  Lock lock(int64_t limit_ms);
  void consistent() { ::pthread_mutex_consistent(&mutex_); }
  void unlock() { ::pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_;
};

}  // namespace tsuwsgi::shared
