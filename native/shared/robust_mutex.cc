#include "shared/robust_mutex.h"

#include <cerrno>
#include <ctime>

#include "base/check.h"

namespace tsuwsgi::shared {

void RobustMutex::initialize() {
  pthread_mutexattr_t attributes;
  TSUWSGI_CHECK(::pthread_mutexattr_init(&attributes) == 0);
  TSUWSGI_CHECK(::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
  TSUWSGI_CHECK(::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
  TSUWSGI_CHECK(::pthread_mutex_init(&mutex_, &attributes) == 0);
  ::pthread_mutexattr_destroy(&attributes);
}

RobustMutex::Lock RobustMutex::lock(int64_t limit_ms) {
  int result = ::pthread_mutex_trylock(&mutex_);
  if (result == EBUSY) {
    timespec until{};
    ::clock_gettime(CLOCK_REALTIME, &until);
    const int64_t nanoseconds = until.tv_nsec + (limit_ms % 1000) * 1'000'000;
    until.tv_sec += static_cast<time_t>(limit_ms / 1000 + nanoseconds / 1'000'000'000);
    until.tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000);
    result = ::pthread_mutex_timedlock(&mutex_, &until);
  }
  if (result == 0) return Lock::kTaken;
  return result == EOWNERDEAD ? Lock::kOwnerDied : Lock::kBusy;
}

}  // namespace tsuwsgi::shared
