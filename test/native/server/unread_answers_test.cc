// Clients that ask and do not read: what they asked meanwhile waits in the socket, and goes on when they read.
#include <string>
#include <string_view>
#include <utility>

#include "native/harness.h"
#include "native/server/loop_fixture.h"
#include "net/descriptor_channel.h"

namespace tsuwsgi::test {
namespace {

using server::EventType;
using server::IoLoop;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
/// A receive buffer that the kernel's own megabytes outweigh.
constexpr int kSmallBuffer = 4096;
/// For reading megabytes: through a small one they take seconds, most of them spent waiting.
constexpr int kLargeBuffer = 1 << 20;
constexpr size_t kRequests = 1000;
/// As many of one connection run at the same time.
constexpr size_t kMostPipelined = 64;
/// Whose answers of 32 kB the kernel holds, generously, and those that run at the same time.
constexpr uint64_t kMostBegun = 500;

const std::string& answer() {
  static const std::string bytes(32 * 1024, 'x');
  return bytes;
}
/// More than the kernel takes of one answer.
const std::string& large_answer() {
  static const std::string bytes(12 << 20, 'x');
  return bytes;
}

std::string gets(size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += kGet;
  return bytes;
}

size_t occurrences(std::string_view text, std::string_view word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size())) ++count;
  return count;
}

/// Requests are answered as they come, inside the delivery (loop mode) or posted (pool mode).
class Answering {
 public:
  explicit Answering(bool posted, const server::ServerOptions& options = {}) : loop(options) {
    loop.on_event = [this, posted](const Event& event) {
      if (event.type != EventType::kRequest) return;
      Operations operations;
      operations.respond(event.request, answer());
      if (!posted) return loop.apply(operations);
      loop.loop().post(operations.data(), operations.size());
    };
  }

  /// The client has sent `kRequests`, and the loop does not go on with them.
  void fill(LoopClient& client) {
    const std::string bytes = gets(kRequests);
    std::string_view rest = bytes;
    EXPECT_TRUE(loop.turn_until([&] {
      rest.remove_prefix(client.send_some(rest));
      return rest.empty();
    }));
    loop.settle();
    EXPECT_TRUE(loop.counters().requests.get() < kMostBegun);
  }

  bool all_answered(LoopClient& client) {
    client.set_receive_buffer(kLargeBuffer);
    const bool arrived = loop.turn_until([&] {
      client.receive();
      return client.received().size() > kRequests * answer().size() && loop.counters().in_flight.get() == 0;
    });
    return arrived && loop.counters().requests.get() == kRequests &&
           occurrences(client.received(), "HTTP/1.1 200 OK") == kRequests;
  }

  LoopFixture loop;
};

TEST("unread answers: nothing more is begun while the client does not read, all of it once it does") {
  for (const bool posted : {false, true}) {
    const Context context(posted ? "posted" : "inside the delivery");
    Answering server(posted);
    LoopClient client(server.loop.port(), kSmallBuffer);
    server.fill(client);
    EXPECT_TRUE(server.all_answered(client));
    EXPECT_FALSE(client.ended());
  }
}

TEST("unread answers: a half-closed client gets all of them, then the end") {
  Answering server(false);
  LoopClient client(server.loop.port(), kSmallBuffer);
  server.fill(client);
  client.finish();
  server.loop.settle();
  EXPECT_TRUE(server.all_answered(client));
  EXPECT_TRUE(server.loop.turn_until([&] { return client.ended(); }));
  EXPECT_FALSE(client.was_reset());
}

TEST("unread answers: the send timeout ends the connection, with what has not been begun") {
  server::ServerOptions options;
  options.send_timeout_ms = 100;
  Answering server(false, options);
  LoopClient client(server.loop.port(), kSmallBuffer);
  server.fill(client);
  EXPECT_TRUE(server.loop.turn_until([&] { return server.loop.counters().connections.get() == 0; }));
  EXPECT_EQ(server.loop.counters().timeouts.get(), uint64_t{1});
  EXPECT_TRUE(server.loop.counters().requests.get() < kMostBegun);
}

TEST("unread answers: a body goes on arriving beside its answer") {
  server::ServerOptions options;
  options.post_buffering_bytes = 0;
  LoopFixture fixture(options);
  LoopClient client(fixture.port(), kSmallBuffer);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  const Handle request = fixture.request(0);
  fixture.apply(Operations().begin(request).chunk(request, large_answer()).read_body(request, 100));
  fixture.settle();
  client.send("56789");
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.count(EventType::kBodyEnd) == 1; }));
  EXPECT_EQ(client.received(), "");
}

TEST("unread answers: a body that waits for 100 Continue is asked for behind them") {
  LoopFixture fixture;
  LoopClient client(fixture.port(), kSmallBuffer);
  client.send(kGet);
  fixture.apply(Operations().respond(fixture.request(0), large_answer()));
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  fixture.settle();
  EXPECT_EQ(fixture.counters().requests.get(), uint64_t{1});
  EXPECT_TRUE(fixture.turn_until([&] {
    client.receive();
    return client.received().size() > large_answer().size() && client.has("HTTP/1.1 100 Continue\r\n\r\n");
  }));
  client.send("ok");
  fixture.apply(Operations().respond(fixture.request(1), "done"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("done"); }));
}

TEST("unread answers: while draining, what waits behind them is answered too") {
  LoopFixture fixture;
  LoopClient client(fixture.port(), kSmallBuffer);
  client.send(kGet);
  fixture.apply(Operations().respond(fixture.request(0), large_answer()));
  client.send(kGet);
  fixture.settle();
  EXPECT_EQ(fixture.counters().requests.get(), uint64_t{1});
  fixture.loop().command(IoLoop::Command::kDrain);
  EXPECT_TRUE(fixture.turn_until([&] {
    client.receive();
    return fixture.count(EventType::kRequest) == 2;
  }));
  fixture.apply(Operations().respond(fixture.request(1), "the last"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.has("Connection: close\r\n"));
  EXPECT_TRUE(client.has("the last"));
}

TEST("unread answers: when they are read, the connection goes to the next worker with what waits behind them") {
  const net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  LoopFixture old;
  server::ServerOptions taking;
  taking.hand_over_fd = channel.receiver.get();
  LoopFixture next(taking);
  LoopClient client(old.port(), kSmallBuffer);
  client.send(gets(kMostPipelined + 1));
  old.apply(Operations().respond(old.request(0), large_answer()));
  for (size_t i = 1; i < kMostPipelined; ++i) old.apply(Operations().respond(old.request(i), "small"));
  old.settle();
  old.loop().command(IoLoop::Command::kDrain, IoLoop::drain_argument(true, channel.sender.get()));
  EXPECT_TRUE(old.turn_until([&] {
    client.receive();
    return old.count(EventType::kDrained) == 1;
  }));
  EXPECT_EQ(old.counters().requests.get(), uint64_t{kMostPipelined});
  next.apply(Operations().respond(next.request(0), "of the next"));
  EXPECT_TRUE(next.turn_until([&] { return client.has("of the next"); }));
  EXPECT_FALSE(client.has("Connection: close"));
  next.stop();
}

}  // namespace
}  // namespace tsuwsgi::test
