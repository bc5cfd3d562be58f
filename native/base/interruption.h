#pragma once

#include <sys/types.h>

#include <cerrno>

namespace tsuwsgi::base {

/// Calls until the system call is not cut short by a signal (EINTR). Returns what it said, errno as it left it.
template <class Call>
ssize_t without_interruption(Call call) {
  ssize_t result = 0;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace tsuwsgi::base
