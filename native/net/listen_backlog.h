#pragma once

#include <optional>

namespace tsuwsgi::net {

/// How many connections wait in the accept queue of a listening TCP or UNIX socket; none where the kernel does not
/// tell.
std::optional<unsigned> listen_backlog(int fd);

}  // namespace tsuwsgi::net
