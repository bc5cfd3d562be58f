#pragma once

#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"

namespace tsuwsgi::net {

/// A descriptor that is readable while something waits in one of these: a connection in a listening socket, or one that
/// was given away in a channel. Nothing is taken by it.
/// A socket that is closed in every process leaves it by itself.
base::Result<base::UniqueFd> watch_queues(const std::vector<int>& fds);

}  // namespace tsuwsgi::net
