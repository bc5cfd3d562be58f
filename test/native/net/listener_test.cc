#include "net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "native/harness.h"
#include "net/socket_io.h"

namespace tsuwsgi::test {
namespace {

TEST("listener: IPv4 and IPv6, the kernel's port is told") {
  for (const char* host : {"127.0.0.1", "::1", "0.0.0.0"}) {
    base::Result<net::Listener> result = net::listen_tcp({host, 0}, 8, false);
    if (!result.ok() && result.error().code == EADDRNOTAVAIL) continue;  // a machine without IPv6
    EXPECT_TRUE(result.ok());
    if (!result.ok()) continue;
    EXPECT_EQ(result.value().host, host);
    EXPECT_TRUE(result.value().port != 0);
    EXPECT_TRUE(net::accept_connection(result.value().fd.get()).state == net::AcceptState::kEmpty);
  }
}

TEST("listener: an address in use, and one that is no address") {
  base::Result<net::Listener> first = net::listen_tcp({"127.0.0.1", 0}, 8, false);
  const net::TcpAddress same{"127.0.0.1", first.value().port};
  const base::Result<net::Listener> second = net::listen_tcp(same, 8, false);
  EXPECT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, EADDRINUSE);
  const base::Result<net::Listener> name = net::listen_tcp({"localhost", 0}, 8, false);
  EXPECT_FALSE(name.ok());
  EXPECT_EQ(name.error().code, EINVAL);
}

TEST("listener: several queues share an address with SO_REUSEPORT") {
  base::Result<net::Listener> first = net::listen_tcp({"127.0.0.1", 0}, 8, true);
  const net::TcpAddress same{"127.0.0.1", first.value().port};
  EXPECT_TRUE(net::listen_tcp(same, 8, true).ok());
  EXPECT_FALSE(net::listen_tcp(same, 8, false).ok());
}

TEST("listener: an accepted connection has its peer's name") {
  base::Result<net::Listener> listener = net::listen_tcp({"127.0.0.1", 0}, 8, false);
  const base::UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(listener.value().port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const net::AcceptResult accepted = net::accept_connection(listener.value().fd.get());
  EXPECT_TRUE(accepted.state == net::AcceptState::kOk);
  EXPECT_EQ(std::string(accepted.peer.host), "127.0.0.1");
  socklen_t length = sizeof address;
  ::getsockname(client.get(), reinterpret_cast<sockaddr*>(&address), &length);
  EXPECT_EQ(accepted.peer.port, ntohs(address.sin_port));
}

}  // namespace
}  // namespace tsuwsgi::test
