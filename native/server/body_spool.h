#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace tsuwsgi::server {

/// A temporary file without a name in `directory`: it is gone when its last descriptor closes, also after SIGKILL.
/// Invalid where the directory does not allow it; errno tells why.
base::UniqueFd open_spool(const std::string& directory);

/// Writes everything; false (errno set) where the disk takes no more.
bool append_to_spool(int fd, std::string_view bytes);

}  // namespace tsuwsgi::server
