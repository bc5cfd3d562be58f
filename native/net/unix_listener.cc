#include "net/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace tsuwsgi::net {

namespace {

base::UniqueFd unix_socket() {
  return base::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

struct Path {
  std::string directory;
  std::string file;
};

Path split(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

/// However the path is written, the same file has the same lock.
base::Result<base::UniqueFd> lock_start(const std::string& path) {
  const Path parts = split(path);
  struct stat directory {};
  if (::stat(parts.directory.c_str(), &directory) != 0) return base::SystemError{errno, "stat"};
  const std::string place = std::to_string(directory.st_dev) + "." + std::to_string(directory.st_ino);
  SocketName name;
  // A long name is cut: then two files of one directory may have the same lock, which costs nothing.
  to_socket_name({("tsuwsgi-start." + place + "." + parts.file).substr(0, kMostUnixNameBytes), true}, name);
  base::UniqueFd fd = unix_socket();
  if (!fd.valid()) return base::SystemError{errno, "socket"};
  if (::bind(fd.get(), name.get(), name.length) == 0) return fd;
  return base::SystemError{errno == EADDRINUSE ? EALREADY : errno, "bind(lock)"};
}

/// 0: nobody listens there. A full queue (EAGAIN) has an owner.
int probe(const SocketName& name) {
  const base::UniqueFd fd = unix_socket();
  if (!fd.valid()) return errno;
  if (::connect(fd.get(), name.get(), name.length) == 0 || errno == EAGAIN) return EADDRINUSE;
  return errno == ECONNREFUSED || errno == ENOENT ? 0 : errno;
}

/// Returns the call that failed.
const char* remove_stale(const std::string& path, const SocketName& name) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? nullptr : "lstat";
  if (!S_ISSOCK(found.st_mode)) {
    errno = ENOTSOCK;
    return "lstat";
  }
  const int refusal = probe(name);
  if (refusal != 0) {
    errno = refusal;
    return "connect";
  }
  return ::unlink(path.c_str()) == 0 || errno == ENOENT ? nullptr : "unlink";
}

/// Before listen: nobody connects while the file has other rights than it will keep.
const char* set_access(const std::string& path, const UnixAccess& access) {
  const bool moves = access.owner != static_cast<uid_t>(-1) || access.group != static_cast<gid_t>(-1);
  if (access.mode >= 0 && ::chmod(path.c_str(), static_cast<mode_t>(access.mode)) != 0) return "chmod";
  if (moves && ::lchown(path.c_str(), access.owner, access.group) != 0) return "chown";
  return nullptr;
}

base::SystemError give_up(const UnixAddress& address, const char* call) {
  const int error = errno;
  if (!address.abstract_name) ::unlink(address.name.c_str());
  return {error, call};
}

base::Result<Listener> bind_and_listen(const UnixAddress& address, const SocketName& name, const UnixAccess& access,
                                       int backlog) {
  Listener listener;
  listener.fd = unix_socket();
  if (!listener.fd.valid()) return base::SystemError{errno, "socket"};
  if (::bind(listener.fd.get(), name.get(), name.length) != 0) return base::SystemError{errno, "bind"};
  const char* failed = address.abstract_name ? nullptr : set_access(address.name, access);
  if (failed != nullptr) return give_up(address, failed);
  if (::listen(listener.fd.get(), backlog) != 0) return give_up(address, "listen");
  if (!describe_listener(listener)) return give_up(address, "getsockname");
  return listener;
}

}  // namespace

base::Result<Listener> listen_unix(const UnixAddress& address, const UnixAccess& access, int backlog) {
  SocketName name;
  if (!to_socket_name(address, name)) return base::SystemError{ENAMETOOLONG, "bind"};
  if (address.abstract_name) return bind_and_listen(address, name, access, backlog);
  const base::Result<base::UniqueFd> lock = lock_start(address.name);
  if (!lock.ok()) return lock.error();
  const char* failed = remove_stale(address.name, name);
  if (failed != nullptr) return base::SystemError{errno, failed};
  return bind_and_listen(address, name, access, backlog);
}

}  // namespace tsuwsgi::net
