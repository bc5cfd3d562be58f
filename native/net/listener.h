#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

namespace tsuwsgi::net {

enum class Family : uint8_t { kIpv4, kIpv6, kUnix };

/// A bound, listening, non-blocking socket. TCP: TCP_NODELAY is set, so that accepted connections inherit it.
struct Listener {
  base::UniqueFd fd;
  Family family = Family::kIpv4;
  /// As the kernel reports it: a numeric host, a UNIX path, or `@name` for an abstract name.
  std::string host;
  uint16_t port = 0;  ///< 0: a UNIX socket
};

struct TcpAddress {
  const char* host = "";  ///< numeric IPv4 or IPv6 address
  uint16_t port = 0;      ///< 0: the kernel chooses
};

/// Binds and listens. Errors: EINVAL for a host that is not numeric, otherwise what bind or listen said.
base::Result<Listener> listen_tcp(const TcpAddress& address, int backlog, bool reuse_port);

/// Takes a listening stream socket that somebody else bound (a service manager: sd_listen_fds(3)). The length of its
/// queue becomes `backlog`. Errors: EBADF, ENOTSOCK; EPROTOTYPE for a socket that is not a stream, EINVAL for one that
/// does not listen, EAFNOSUPPORT for a family other than UNIX and IP. The descriptor stays the caller's on error.
base::Result<Listener> adopt_listener(int fd, int backlog);

/// Fills in `family`, `host` and `port` from the socket. False, with errno: it has no address of a known family.
bool describe_listener(Listener& listener);

}  // namespace tsuwsgi::net
