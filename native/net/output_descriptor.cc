#include "net/output_descriptor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/interruption.h"

namespace tsuwsgi::net {

using base::without_interruption;

namespace {

/// PIPE_BUF: what a pipe takes whole or not at all, and has room for when poll says that it is ready.
constexpr size_t kBlockBytes = 4096;

base::UniqueFd open_again(int fd) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return base::UniqueFd(::open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

/// As many whole lines as fit, or the beginning of one that does not.
std::string_view next_block(std::string_view lines) {
  if (lines.size() <= kBlockBytes) return lines;
  const size_t end = lines.substr(0, kBlockBytes).rfind('\n');
  return lines.substr(0, end == std::string_view::npos ? kBlockBytes : end + 1);
}

}  // namespace

OutputDescriptor::Taken OutputDescriptor::write_lines(std::string_view lines) {
  look();
  Taken taken;
  while (taken.bytes < lines.size()) {
    const std::string_view rest = lines.substr(taken.bytes);
    const ssize_t written = write_block(kind_ == Kind::kFile || kind_ == Kind::kDatagrams ? rest : next_block(rest));
    if (written <= 0) {
      taken.error = written < 0 ? errno : EIO;
      return taken;
    }
    taken.bytes += static_cast<size_t>(written);
  }
  return taken;
}

/// Somebody may have put another file behind the number since the last time, as when log files are opened anew.
void OutputDescriptor::look() {
  struct stat found {};
  if (::fstat(fd_, &found) != 0) {
    known_ = false;
    kind_ = Kind::kFile;  // the write says what is wrong
    return;
  }
  if (known_ && found.st_dev == device_ && found.st_ino == inode_) return;
  known_ = true;
  device_ = found.st_dev;
  inode_ = found.st_ino;
  own_.reset();
  if (S_ISSOCK(found.st_mode)) {
    int type = SOCK_STREAM;
    socklen_t size = sizeof type;
    ::getsockopt(fd_, SOL_SOCKET, SO_TYPE, &type, &size);
    kind_ = type == SOCK_STREAM ? Kind::kSocket : Kind::kDatagrams;
  } else if (S_ISFIFO(found.st_mode) || (S_ISCHR(found.st_mode) && ::isatty(fd_) == 1)) {
    kind_ = Kind::kPipe;
    own_ = open_again(fd_);
  } else {
    kind_ = Kind::kFile;
  }
}

ssize_t OutputDescriptor::write_block(std::string_view block) {
  switch (kind_) {
    case Kind::kSocket:
    case Kind::kDatagrams:
      return without_interruption([&] { return ::send(fd_, block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
    case Kind::kPipe:
      return write_pipe(block);
    case Kind::kFile:
      break;
  }
  return without_interruption([&] { return ::write(fd_, block.data(), block.size()); });
}

/// A pipe that may not be opened again (it belongs to the user that this process was before) is asked not to wait,
/// which kernels before 6.5 cannot do for pipes; there poll says whether a block fits, unless another writer is faster.
ssize_t OutputDescriptor::write_pipe(std::string_view block) {
  if (own_.valid()) {
    return without_interruption([&] { return ::write(own_.get(), block.data(), block.size()); });
  }
  pollfd ready{fd_, POLLOUT, 0};
  if (::poll(&ready, 1, 0) != 1 || (ready.revents & (POLLOUT | POLLERR)) == 0) {
    errno = EAGAIN;
    return -1;
  }
  const iovec part{const_cast<char*>(block.data()), block.size()};
  const ssize_t written = without_interruption([&] { return ::pwritev2(fd_, &part, 1, -1, RWF_NOWAIT); });
  if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)) return written;
  return without_interruption([&] { return ::write(fd_, block.data(), block.size()); });
}

}  // namespace tsuwsgi::net
