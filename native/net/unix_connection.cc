#include "net/unix_connection.h"

#include <cerrno>

namespace tsuwsgi::net {

namespace {

base::Result<base::UniqueFd> connect_unix(const UnixAddress& address, int type) {
  SocketName peer;
  if (!to_socket_name(address, peer)) return base::SystemError{ENAMETOOLONG, "connect"};
  base::UniqueFd fd(::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return base::SystemError{errno, "socket"};
  if (::connect(fd.get(), peer.get(), peer.length) != 0) return base::SystemError{errno, "connect"};
  return fd;
}

}  // namespace

base::Result<base::UniqueFd> connect_unix_datagram(const std::string& path) {
  const bool abstract_name = !path.empty() && path.front() == '@';
  return connect_unix({path.substr(abstract_name ? 1 : 0), abstract_name}, SOCK_DGRAM);
}

base::Result<base::UniqueFd> connect_unix_stream(const UnixAddress& address) {
  return connect_unix(address, SOCK_STREAM);
}

}  // namespace tsuwsgi::net
