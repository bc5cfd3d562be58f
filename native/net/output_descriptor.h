#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/unique_fd.h"

namespace tsuwsgi::net {

/// A descriptor for lines that other threads and processes write to as well, such as standard error. Writing to it
/// never waits for a reader, whatever is behind it and whoever made it blocking: what it does not take at once is the
/// caller's to keep or to drop. Belongs to one thread; does not own the descriptor.
class OutputDescriptor {
 public:
  explicit OutputDescriptor(int fd) : fd_(fd) {}

  struct Taken {
    size_t bytes = 0;
    int error = 0;  ///< why not all of it; 0: all of it. EAGAIN: it is full
  };
  /// Whole lines go out together, so that nobody else's text gets between, as far as they are not longer than 4096
  /// bytes.
  Taken write_lines(std::string_view lines);
  int fd() const { return fd_; }

 private:
  /// What a descriptor is decides how it is written to without waiting.
  enum class Kind : uint8_t {
    kFile,       ///< never waits for a reader
    kPipe,       ///< pipes, FIFOs, terminals
    kSocket,     ///< the system calls of sockets take a flag
    kDatagrams,  ///< the same, and what is given at once stays one message
  };

  void look();
  ssize_t write_block(std::string_view block);
  ssize_t write_pipe(std::string_view block);

  int fd_;
  Kind kind_ = Kind::kFile;
  bool known_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  /// The same pipe, opened once more: O_NONBLOCK belongs to what open(2) made, and the others may want theirs to block.
  base::UniqueFd own_;
};

}  // namespace tsuwsgi::net
