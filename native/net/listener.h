#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "base/unique_fd.h"

namespace tsuwsgi::net {

/// A bound, listening, non-blocking socket. TCP_NODELAY is set, so that accepted connections inherit it.
struct Listener {
  base::UniqueFd fd;
  std::string host;  ///< numeric, as the kernel reports it
  uint16_t port = 0;
};

struct TcpAddress {
  const char* host = "";  ///< numeric IPv4 or IPv6 address
  uint16_t port = 0;      ///< 0: the kernel chooses
};

/// Binds and listens. Errors: EINVAL for a host that is not numeric, otherwise what bind or listen said.
base::Result<Listener> listen_tcp(const TcpAddress& address, int backlog, bool reuse_port);

}  // namespace tsuwsgi::net
