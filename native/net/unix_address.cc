#include "net/unix_address.h"

#include <cstring>

namespace tsuwsgi::net {

bool to_socket_name(const UnixAddress& from, SocketName& to) {
  if (from.name.empty() || from.name.size() > kMostUnixNameBytes) return false;
  to.address.sun_family = AF_UNIX;
  std::memcpy(to.address.sun_path + (from.abstract_name ? 1 : 0), from.name.data(), from.name.size());
  to.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + from.name.size());
  return true;
}

}  // namespace tsuwsgi::net
