#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <functional>
#include <utility>

#include "base/shared_memory.h"

namespace tsuwsgi::test {

/// Zeroed memory that child processes share.
class SharedRegion {
 public:
  explicit SharedRegion(size_t bytes) {
    auto created = base::create_shared_memory(bytes);
    mapping_ = std::move(base::map_shared_memory(created.value().get(), bytes).value());
  }

  void* memory() const { return mapping_.memory(); }

 private:
  base::SharedMapping mapping_;
};

/// A child process that runs `body` and ends without running exit handlers.
inline pid_t start_child(const std::function<void()>& body) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  body();
  ::_exit(0);
}

/// Wait status of the child's end.
inline int wait_child(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

}  // namespace tsuwsgi::test
