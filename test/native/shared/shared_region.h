#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <functional>

#include "base/shared_memory.h"

namespace tsuwsgi::test {

/// Zeroed memory that child processes share.
class SharedRegion {
 public:
  explicit SharedRegion(size_t bytes) : bytes_(bytes) {
    auto created = base::create_shared_memory(bytes);
    memory_ = base::map_shared_memory(created.value().get(), bytes).value();
  }
  ~SharedRegion() { base::unmap_shared_memory(memory_, bytes_); }
  SharedRegion(const SharedRegion&) = delete;
  SharedRegion& operator=(const SharedRegion&) = delete;

  void* memory() const { return memory_; }

 private:
  size_t bytes_;
  void* memory_;
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
