#include "net/listen_backlog.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "base/unique_fd.h"
#include "native/harness.h"
#include "net/listener.h"
#include "net/socket_io.h"

namespace tsuwsgi::test {
namespace {

base::UniqueFd connect_tcp(uint16_t port) {
  base::UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return client;
}

struct UnixListener {
  sockaddr_un address{};
  socklen_t length = 0;
  base::UniqueFd fd;

  /// The kernel chooses an abstract name.
  UnixListener() : fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    address.sun_family = AF_UNIX;
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(sa_family_t)), 0);
    EXPECT_EQ(::listen(fd.get(), 8), 0);
    length = sizeof address;
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length);
  }

  base::UniqueFd connect() const {
    base::UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    return client;
  }
};

TEST("listen backlog: counts what waits in a TCP socket") {
  base::Result<net::Listener> listener = net::listen_tcp({"127.0.0.1", 0}, 8, false);
  const int fd = listener.value().fd.get();
  EXPECT_EQ(net::listen_backlog(fd).value_or(99), 0U);
  const base::UniqueFd one = connect_tcp(listener.value().port);
  const base::UniqueFd two = connect_tcp(listener.value().port);
  EXPECT_EQ(net::listen_backlog(fd).value_or(99), 2U);
  const base::UniqueFd accepted(::accept(fd, nullptr, nullptr));
  EXPECT_EQ(net::listen_backlog(fd).value_or(99), 1U);
}

TEST("listen backlog: counts what waits in a UNIX socket, where the kernel tells") {
  const UnixListener listener;
  const auto none = net::listen_backlog(listener.fd.get());
  if (!none) return;  // a kernel without unix_diag
  EXPECT_EQ(*none, 0U);
  const base::UniqueFd one = listener.connect();
  const base::UniqueFd two = listener.connect();
  EXPECT_EQ(net::listen_backlog(listener.fd.get()).value_or(99), 2U);
}

TEST("listen backlog: is unknown of what does not listen") {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_FALSE(net::listen_backlog(socket.get()).has_value());
  EXPECT_FALSE(net::listen_backlog(-1).has_value());
}

}  // namespace
}  // namespace tsuwsgi::test
