#include "net/unix_listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "native/harness.h"
#include "net/socket_io.h"

namespace tsuwsgi::test {
namespace {

/// A directory of its own, removed with the files a test leaves in it.
class Directory {
 public:
  Directory() { EXPECT_TRUE(::mkdtemp(path_.data()) != nullptr); }
  ~Directory() {
    ::unlink(file().c_str());
    ::rmdir(path_.c_str());
  }
  std::string file() const { return path_ + "/a.sock"; }

 private:
  std::string path_ = "/tmp/tsuwsgi-unix-XXXXXX";
};

base::Result<net::Listener> listen_at(const std::string& name, const net::UnixAccess& access = {}, int backlog = 8) {
  return net::listen_unix({name, false}, access, backlog);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int connect_to(const base::UniqueFd& client, const std::string& path) {
  const sockaddr_un address = address_of(path);
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

base::UniqueFd unix_client(int type = SOCK_STREAM) { return base::UniqueFd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)); }

mode_t mode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::lstat(path.c_str(), &found), 0);
  return found.st_mode & 07777;
}

TEST("unix listener: a path and an abstract name, peers without a name") {
  const Directory directory;
  base::Result<net::Listener> file = listen_at(directory.file());
  EXPECT_TRUE(file.ok());
  EXPECT_EQ(file.value().host, directory.file());
  EXPECT_TRUE(file.value().family == net::Family::kUnix);
  const base::UniqueFd client = unix_client();
  EXPECT_EQ(connect_to(client, directory.file()), 0);
  const net::AcceptResult accepted = net::accept_connection(file.value().fd.get());
  EXPECT_TRUE(accepted.state == net::AcceptState::kOk);
  EXPECT_EQ(std::string(accepted.peer.host), "");
  EXPECT_EQ(accepted.peer.port, 0);

  base::Result<net::Listener> hidden = net::listen_unix({directory.file(), true}, {}, 8);
  EXPECT_TRUE(hidden.ok());
  EXPECT_EQ(hidden.value().host, "@" + directory.file());
  const base::Result<net::Listener> again = net::listen_unix({directory.file(), true}, {}, 8);
  EXPECT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, EADDRINUSE);
}

TEST("unix listener: a dead server's file is replaced, a living one's never") {
  const Directory directory;
  {
    base::Result<net::Listener> first = listen_at(directory.file());
    const base::Result<net::Listener> second = listen_at(directory.file());
    EXPECT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, EADDRINUSE);
    EXPECT_EQ(std::string(second.error().call), "connect");
    EXPECT_EQ(connect_to(unix_client(), directory.file()), 0);
  }
  EXPECT_EQ(::access(directory.file().c_str(), F_OK), 0);
  EXPECT_TRUE(listen_at(directory.file()).ok());
}

TEST("unix listener: a server whose queue is full lives") {
  const Directory directory;
  base::Result<net::Listener> first = listen_at(directory.file(), {}, 0);
  const base::UniqueFd waiting = unix_client();
  EXPECT_EQ(connect_to(waiting, directory.file()), 0);
  const base::Result<net::Listener> second = listen_at(directory.file());
  EXPECT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, EADDRINUSE);
}

TEST("unix listener: what is no stream socket is left alone") {
  const Directory directory;
  { const base::UniqueFd file(::open(directory.file().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)); }
  const base::Result<net::Listener> over_file = listen_at(directory.file());
  EXPECT_EQ(over_file.error().code, ENOTSOCK);
  EXPECT_EQ(::unlink(directory.file().c_str()), 0);

  const base::UniqueFd datagrams = unix_client(SOCK_DGRAM);
  const sockaddr_un address = address_of(directory.file());
  EXPECT_EQ(::bind(datagrams.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const base::Result<net::Listener> over_datagrams = listen_at(directory.file());
  EXPECT_EQ(over_datagrams.error().code, EPROTOTYPE);

  const base::Result<net::Listener> nowhere = listen_at(directory.file() + "/no/such.sock");
  EXPECT_EQ(nowhere.error().code, ENOTDIR);
  EXPECT_EQ(listen_at("/tmp/" + std::string(103, 'a')).error().code, ENAMETOOLONG);
}

TEST("unix listener: the file has its mode and owner when it listens, and is removed where it cannot get them") {
  const Directory directory;
  const mode_t before = ::umask(027);
  {
    const base::Result<net::Listener> usual = listen_at(directory.file());
    EXPECT_EQ(mode_of(directory.file()), 0750u);
  }
  const base::Result<net::Listener> open = listen_at(directory.file(), {0666, ::getuid(), ::getgid()});
  EXPECT_TRUE(open.ok());
  EXPECT_EQ(mode_of(directory.file()), 0666u);
  ::umask(before);
}

TEST("unix listener: two that start at once do not both take a dead server's file") {
  const Directory directory;
  { const base::Result<net::Listener> dead = listen_at(directory.file()); }
  struct stat parent {};
  const std::string path = directory.file();
  EXPECT_EQ(::stat(path.substr(0, path.rfind('/')).c_str(), &parent), 0);
  const std::string lock =
      "tsuwsgi-start." + std::to_string(parent.st_dev) + "." + std::to_string(parent.st_ino) + ".a.sock";
  {
    const base::Result<net::Listener> starting = net::listen_unix({lock, true}, {}, 1);
    EXPECT_TRUE(starting.ok());
    const base::Result<net::Listener> second = listen_at(path);
    EXPECT_EQ(second.error().code, EALREADY);
  }
  EXPECT_TRUE(listen_at(path).ok());
}

TEST("listener: inherited sockets are taken where they listen for streams") {
  const Directory directory;
  base::Result<net::Listener> bound = listen_at(directory.file());
  const int passed = ::fcntl(bound.value().fd.get(), F_DUPFD, 0);
  EXPECT_EQ(::fcntl(passed, F_SETFL, 0), 0);
  base::Result<net::Listener> adopted = net::adopt_listener(passed, 16);
  EXPECT_TRUE(adopted.ok());
  EXPECT_EQ(adopted.value().host, directory.file());
  EXPECT_TRUE((::fcntl(passed, F_GETFL) & O_NONBLOCK) != 0);
  EXPECT_TRUE((::fcntl(passed, F_GETFD) & FD_CLOEXEC) != 0);

  const base::UniqueFd idle = unix_client();
  EXPECT_EQ(net::adopt_listener(idle.get(), 16).error().code, EINVAL);
  const base::UniqueFd datagrams = unix_client(SOCK_DGRAM);
  EXPECT_EQ(net::adopt_listener(datagrams.get(), 16).error().code, EPROTOTYPE);
  const base::UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(net::adopt_listener(null.get(), 16).error().code, ENOTSOCK);
  EXPECT_EQ(net::adopt_listener(-1, 16).error().code, EBADF);
}

TEST("listener: an inherited TCP socket has its address and port") {
  base::Result<net::Listener> bound = net::listen_tcp({"127.0.0.1", 0}, 8, false);
  base::Result<net::Listener> adopted = net::adopt_listener(::dup(bound.value().fd.get()), 16);
  EXPECT_TRUE(adopted.ok());
  EXPECT_EQ(adopted.value().host, "127.0.0.1");
  EXPECT_EQ(adopted.value().port, bound.value().port);
}

}  // namespace
}  // namespace tsuwsgi::test
