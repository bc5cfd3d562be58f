#include "server/body_spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/interruption.h"

namespace tsuwsgi::server {

base::UniqueFd open_spool(const std::string& directory) {
  base::UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid() || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return file;
  // A file system without O_TMPFILE: the name exists for the moment between these two calls.
  std::string name = directory + "/tsuwsgi-body-XXXXXX";
  file.reset(::mkostemp(name.data(), O_CLOEXEC));
  if (file.valid()) ::unlink(name.c_str());
  return file;
}

bool append_to_spool(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = base::without_interruption([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace tsuwsgi::server
