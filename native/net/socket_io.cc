#include "net/socket_io.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/interruption.h"

namespace tsuwsgi::net {

using base::without_interruption;

namespace {

/// sendfile's own limit for one call.
constexpr uint64_t kMaxSendFile = 0x7ffff000;

IoResult write_result(ssize_t moved) {
  if (moved >= 0) return {IoState::kOk, static_cast<size_t>(moved)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoState::kBlocked, 0};
  return {IoState::kBroken, 0};
}

// libc's recv and send are cancellation points: in a process with threads each call pays for switching that on and off,
// about 2 % of a small request. Nobody cancels our threads, so the hot pair goes to the kernel directly.

AcceptState accept_failure(int error) {
  switch (error) {
    case EAGAIN:
      return AcceptState::kEmpty;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return AcceptState::kNoResource;
    default:  // ECONNABORTED and the network errors of accept(2): about one connection, not about the socket
      return AcceptState::kTransient;
  }
}

}  // namespace

IoResult receive(int fd, char* buffer, size_t size) {
  const ssize_t got =
      without_interruption([&] { return ::syscall(SYS_recvfrom, fd, buffer, size, 0, nullptr, nullptr); });
  if (got == 0) return {IoState::kEof, 0};
  return write_result(got);
}

IoResult send_bytes(int fd, const char* bytes, size_t size) {
  return write_result(
      without_interruption([&] { return ::syscall(SYS_sendto, fd, bytes, size, MSG_NOSIGNAL, nullptr, 0); }));
}

IoResult send_vector(int fd, const iovec* parts, size_t count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = count;
  return write_result(without_interruption([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL); }));
}

IoResult send_file(int socket, int file, uint64_t& offset, uint64_t size) {
  auto position = static_cast<off_t>(offset);
  const auto wanted = static_cast<size_t>(std::min(size, kMaxSendFile));
  const ssize_t moved = without_interruption([&] { return ::sendfile(socket, file, &position, wanted); });
  if (moved == 0) return {IoState::kEof, 0};
  offset = static_cast<uint64_t>(position);
  return write_result(moved);
}

uint64_t unacknowledged_bytes(int fd) {
  int bytes = 0;
  if (::ioctl(fd, SIOCOUTQ, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<uint64_t>(bytes);
}

int64_t unread_for_us(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
  return int64_t{info.tcpi_last_data_recv} * 1000;
}

void shutdown_write(int fd) { ::shutdown(fd, SHUT_WR); }

void reset_on_close(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

PeerName peer_name(const sockaddr_storage& address) {
  PeerName name;
  if (address.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
    ::inet_ntop(AF_INET, &v4->sin_addr, name.host, sizeof name.host);
    name.port = ntohs(v4->sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, name.host, sizeof name.host);
    name.port = ntohs(v6->sin6_port);
  }
  return name;
}

AcceptResult accept_connection(int listener) {
  AcceptResult result;
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  const ssize_t fd = without_interruption([&]() -> ssize_t {
    return ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  });
  if (fd < 0) {
    result.error = errno;
    result.state = accept_failure(errno);
    return result;
  }
  result.state = AcceptState::kOk;
  result.fd.reset(static_cast<int>(fd));
  result.peer = peer_name(peer);
  return result;
}

}  // namespace tsuwsgi::net
