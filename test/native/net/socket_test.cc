#include <sys/socket.h>

#include <string>

#include "native/harness.h"
#include "native/server/raw_client.h"
#include "net/listener.h"
#include "net/poller.h"
#include "net/socket_io.h"

namespace tsuwsgi::test {
namespace {

constexpr int kBacklog = 16;

TEST("sockets: accept, receive, send and the peer's end") {
  auto listener = net::listen_tcp({"127.0.0.1", 0}, kBacklog, false);
  const int fd = listener.value().fd.get();
  EXPECT_EQ(net::accept_connection(fd).state, net::AcceptState::kEmpty);
  RawClient client(listener.value().port);
  net::AcceptResult accepted = net::accept_connection(fd);
  EXPECT_EQ(accepted.state, net::AcceptState::kOk);
  EXPECT_EQ(std::string(accepted.peer.host), "127.0.0.1");
  char buffer[16];
  EXPECT_EQ(net::receive(accepted.fd.get(), buffer, sizeof buffer).state, net::IoState::kBlocked);
  client.send("hello");
  const net::IoResult received = net::receive(accepted.fd.get(), buffer, sizeof buffer);
  EXPECT_EQ(std::string(buffer, received.bytes), "hello");
  EXPECT_EQ(net::send_bytes(accepted.fd.get(), "world", 5).bytes, size_t{5});
  client.finish();
  EXPECT_EQ(net::receive(accepted.fd.get(), buffer, sizeof buffer).state, net::IoState::kEof);
  accepted.fd.reset();
  EXPECT_EQ(client.read_all(), "world");
}

TEST("poller: rings across threads and tells which descriptor") {
  net::Poller poller;
  EXPECT_EQ(poller.wait(0), 0);
  poller.wake();
  poller.wake();
  EXPECT_EQ(poller.wait(-1), 1);
  EXPECT_EQ(poller.event(0).data.u64, net::Poller::kWakeToken);
  poller.clear_wake();
  EXPECT_EQ(poller.wait(0), 0);
  auto listener = net::listen_tcp({"127.0.0.1", 0}, kBacklog, false);
  EXPECT_TRUE(poller.add_listener(listener.value().fd.get(), 7));
  const RawClient client(listener.value().port);
  EXPECT_EQ(poller.wait(-1), 1);
  EXPECT_EQ(poller.event(0).data.u64, uint64_t{7});
  poller.remove(listener.value().fd.get());
  EXPECT_EQ(poller.wait(0), 0);
}

}  // namespace
}  // namespace tsuwsgi::test
