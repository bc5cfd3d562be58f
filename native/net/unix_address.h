#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <string>

namespace tsuwsgi::net {

struct UnixAddress {
  std::string name;            ///< a path, or the name in the abstract name space
  bool abstract_name = false;  ///< Linux: no file; gone with its last descriptor
};

/// A UNIX address as the kernel takes it. Of an abstract name the length is a part: filled up with NUL bytes it is
/// another name.
struct SocketName {
  sockaddr_un address{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

/// Room for the NUL in front of an abstract name, or behind a path.
constexpr size_t kMostUnixNameBytes = sizeof(sockaddr_un::sun_path) - 1;

/// False where the name is empty or does not fit.
bool to_socket_name(const UnixAddress& from, SocketName& to);

}  // namespace tsuwsgi::net
