#pragma once

#include <sys/types.h>

#include "net/listener.h"
#include "net/unix_address.h"

namespace tsuwsgi::net {

/// What becomes of the socket's file before anybody can connect. -1: left as bind made it (umask, own user and group).
struct UnixAccess {
  int mode = -1;
  uid_t owner = static_cast<uid_t>(-1);
  gid_t group = static_cast<gid_t>(-1);
};

/// Binds and listens. A file that a dead server left is replaced; nothing else is.
///
/// Two servers that start at the same time must not both take a file for dead: whoever is between looking and
/// listening holds an abstract socket that is named after the file's directory and name. The kernel gives that name to
/// one of them, and takes it back however that one ends; nothing stays in the file system. (Binding to a temporary name
/// and renaming it does not decide between two, and the kernel would report the temporary name for ever.)
///
/// Errors, with the call that tells them apart:
/// - EADDRINUSE `connect`: a server listens on the file; `bind`: the abstract name is taken
/// - EALREADY `bind(lock)`: another server is starting on the same file
/// - ENOTSOCK `lstat`: the file is no socket; EPROTOTYPE `connect`: a socket of another type
/// - EACCES `connect`: whether a server listens cannot be told
/// - ENAMETOOLONG `bind`: the name does not fit an address (107 bytes)
/// - otherwise what the call said.
base::Result<Listener> listen_unix(const UnixAddress& address, const UnixAccess& access, int backlog);

}  // namespace tsuwsgi::net
