#pragma once

#include <string>

#include "base/status.h"
#include "base/unique_fd.h"
#include "net/unix_address.h"

namespace tsuwsgi::net {

/// A non-blocking datagram socket whose peer is the UNIX socket at this path: each write(2) is one datagram, and one
/// that does not fit is refused with EAGAIN. A path that begins with @ is an abstract name. Errors: ENAMETOOLONG, and
/// what connect says.
base::Result<base::UniqueFd> connect_unix_datagram(const std::string& path);

/// A non-blocking stream that is connected: UNIX sockets never keep a client waiting. Errors as above; EAGAIN: the
/// server's accept queue is full.
base::Result<base::UniqueFd> connect_unix_stream(const UnixAddress& address);

}  // namespace tsuwsgi::net
