#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <string_view>

#include "net/socket_io.h"

namespace tsuwsgi::net {

namespace {

/// Fills `storage`; returns its length, 0 where the host is not a numeric address.
socklen_t to_sockaddr(const TcpAddress& address, sockaddr_storage& storage) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  if (::inet_pton(AF_INET, address.host, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    return sizeof(sockaddr_in);
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET6, address.host, &v6->sin6_addr) != 1) return 0;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(address.port);
  return sizeof(sockaddr_in6);
}

bool set_flag(int fd, int level, int option) {
  const int on = 1;
  return ::setsockopt(fd, level, option, &on, sizeof on) == 0;
}

const char* prepare(int fd, int family, bool reuse_port) {
  if (!set_flag(fd, SOL_SOCKET, SO_REUSEADDR)) return "setsockopt(SO_REUSEADDR)";
  if (reuse_port && !set_flag(fd, SOL_SOCKET, SO_REUSEPORT)) return "setsockopt(SO_REUSEPORT)";
  // "[::]:80" beside "0.0.0.0:80" is two addresses, as in nginx.
  if (family == AF_INET6 && !set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY)) return "setsockopt(IPV6_V6ONLY)";
  if (!set_flag(fd, IPPROTO_TCP, TCP_NODELAY)) return "setsockopt(TCP_NODELAY)";
  return nullptr;
}

/// The option's value, -1 with errno where there is none.
int socket_option(int fd, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  errno = 0;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

/// An abstract name begins with a NUL and is as long as the address says.
std::string unix_name(const sockaddr_storage& storage, socklen_t length) {
  const auto* address = reinterpret_cast<const sockaddr_un*>(&storage);
  const size_t offset = offsetof(sockaddr_un, sun_path);
  if (length <= offset) return "";
  std::string_view name(address->sun_path, length - offset);
  if (name.front() == '\0') return "@" + std::string(name.substr(1));
  return std::string(name.substr(0, name.find('\0')));
}

/// Returns the call that failed. listen(2) on a listening socket only changes the length of its queue.
const char* take_over(Listener& listener, int backlog) {
  const int fd = listener.fd.get();
  if (!describe_listener(listener)) return "getsockname";
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return "fcntl(O_NONBLOCK)";
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return "fcntl(FD_CLOEXEC)";
  const bool tcp = listener.family != Family::kUnix;
  if (tcp && !set_flag(fd, IPPROTO_TCP, TCP_NODELAY)) return "setsockopt(TCP_NODELAY)";
  return ::listen(fd, backlog) == 0 ? nullptr : "listen";
}

}  // namespace

base::Result<Listener> listen_tcp(const TcpAddress& address, int backlog, bool reuse_port) {
  sockaddr_storage storage{};
  const socklen_t length = to_sockaddr(address, storage);
  if (length == 0) return base::SystemError{EINVAL, "inet_pton"};
  Listener listener;
  listener.fd.reset(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.fd.valid()) return base::SystemError{errno, "socket"};
  const int fd = listener.fd.get();
  const char* failed = prepare(fd, storage.ss_family, reuse_port);
  if (failed != nullptr) return base::SystemError{errno, failed};
  if (::bind(fd, reinterpret_cast<sockaddr*>(&storage), length) != 0) return base::SystemError{errno, "bind"};
  if (::listen(fd, backlog) != 0) return base::SystemError{errno, "listen"};
  if (!describe_listener(listener)) return base::SystemError{errno, "getsockname"};
  return listener;
}

base::Result<Listener> adopt_listener(int fd, int backlog) {
  if (socket_option(fd, SO_TYPE) != SOCK_STREAM)
    return base::SystemError{errno != 0 ? errno : EPROTOTYPE, "socket type"};
  if (socket_option(fd, SO_ACCEPTCONN) != 1) return base::SystemError{EINVAL, "SO_ACCEPTCONN"};
  Listener listener;
  listener.fd.reset(fd);
  const char* failed = take_over(listener, backlog);
  if (failed == nullptr) return listener;
  listener.fd.release();
  return base::SystemError{errno, failed};
}

bool describe_listener(Listener& listener) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(listener.fd.get(), reinterpret_cast<sockaddr*>(&storage), &length) != 0) return false;
  switch (storage.ss_family) {
    case AF_UNIX:
      listener.family = Family::kUnix;
      listener.host = unix_name(storage, length);
      return true;
    case AF_INET:
      listener.family = Family::kIpv4;
      break;
    case AF_INET6:
      listener.family = Family::kIpv6;
      break;
    default:
      errno = EAFNOSUPPORT;
      return false;
  }
  const PeerName name = peer_name(storage);
  listener.host = name.host;
  listener.port = name.port;
  return true;
}

}  // namespace tsuwsgi::net
