#include "net/datagram.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace tsuwsgi::net {

base::Result<base::UniqueFd> connect_unix_datagram(const std::string& path) {
  sockaddr_un peer{};
  if (path.size() >= sizeof peer.sun_path) return base::SystemError{ENAMETOOLONG, "connect"};
  peer.sun_family = AF_UNIX;
  std::memcpy(peer.sun_path, path.c_str(), path.size() + 1);
  socklen_t length = sizeof peer;
  if (!path.empty() && path.front() == '@') {
    peer.sun_path[0] = '\0';
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  }
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return base::SystemError{errno, "socket"};
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&peer), length) != 0) {
    return base::SystemError{errno, "connect"};
  }
  return fd;
}

}  // namespace tsuwsgi::net
