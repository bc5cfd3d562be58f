#include "net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

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
  socklen_t bound = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &bound) != 0) {
    return base::SystemError{errno, "getsockname"};
  }
  const PeerName name = peer_name(storage);
  listener.host = name.host;
  listener.port = name.port;
  return listener;
}

}  // namespace tsuwsgi::net
