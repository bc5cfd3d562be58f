// A loop whose JavaScript is blocked and whose worker is about to be killed: what its clients get.
#include "server/evacuate.h"

#include <poll.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "base/scoreboard.h"
#include "native/harness.h"
#include "native/server/loop_fixture.h"
#include "net/descriptor_channel.h"
#include "net/listener.h"
#include "server/kept_connection.h"

namespace tsuwsgi::test {
namespace {

using server::EventType;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* kHalfPost = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nhi";
constexpr int kNoTaker = 1;

/// Memory for the row of a worker with one loop.
class Board {
 public:
  Board() : lines_(base::WorkerRow::bytes(1) / sizeof(Line)) {}
  base::WorkerRow row() { return base::WorkerRow(lines_.data(), 1); }

 private:
  struct alignas(base::kCacheLine) Line {
    unsigned char bytes[base::kCacheLine] = {};
  };
  std::vector<Line> lines_;
};

server::ServerOptions pool_options(Board& board, int64_t deadline_ms, int hand_over_fd = -1) {
  server::ServerOptions options;
  options.hand_over_fd = hand_over_fd;
  options.on_js_thread = false;
  options.board = board.row();
  options.deadline_ms = deadline_ms;
  options.retry_after_seconds = 7;
  return options;
}

/// One loop with a board, in the master's place as well.
struct Scene {
  /// `hand_over_fd`: the channel from which it takes connections of others.
  explicit Scene(int64_t deadline_ms = 0, int hand_over_fd = -1)
      : loop(pool_options(board, deadline_ms, hand_over_fd)) {}

  /// JavaScript has taken this many requests.
  void begin(uint64_t requests) { board.row().loop(0).taken.sequence.set(requests); }
  /// JavaScript is in the call of this request.
  void run(Handle request) {
    board.row().header().cells[base::WorkerHeader::kCallHandle].store(request.slot);
    board.row().header().cells[base::WorkerHeader::kCallLength].store(5);
  }
  void condemn(int order = kNoTaker) { board.row().header().cells[base::WorkerHeader::kCondemned].store(order); }
  bool turn_until_received(LoopClient& client, std::string_view text) {
    return loop.turn_until([&] { return client.has(text); });
  }
  bool turn_until_ended(LoopClient& client) {
    return loop.turn_until([&] { return client.ended(); });
  }

  Board board;
  LoopFixture loop;
};

TEST("evacuation: what JavaScript has not begun gets 503 with Retry-After, what it has 502") {
  Scene scene;
  LoopClient begun(scene.loop.port());
  LoopClient waiting(scene.loop.port());
  begun.send(kGet);
  scene.loop.request(0);
  waiting.send(kGet);
  scene.loop.request(1);
  scene.begin(1);
  scene.condemn();
  EXPECT_TRUE(scene.turn_until_received(begun, "HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_TRUE(scene.turn_until_received(waiting, "HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_TRUE(waiting.has("Retry-After: 7\r\n"));
  EXPECT_TRUE(scene.turn_until_ended(begun));
  EXPECT_TRUE(scene.turn_until_ended(waiting));
  EXPECT_EQ(scene.loop.counters().connections.get(), uint64_t{0});
}

TEST("evacuation: what stands behind the blocking request in JavaScript's batch was not begun") {
  Scene scene;
  LoopClient before(scene.loop.port());
  LoopClient blocking(scene.loop.port());
  LoopClient behind(scene.loop.port());
  before.send(kGet);
  scene.loop.request(0);
  blocking.send(kGet);
  const Handle request = scene.loop.request(1);
  behind.send(kGet);
  scene.loop.request(2);
  scene.run(request);
  scene.condemn();
  EXPECT_TRUE(scene.turn_until_received(before, "HTTP/1.1 502 "));
  EXPECT_TRUE(scene.turn_until_received(blocking, "HTTP/1.1 502 "));
  EXPECT_TRUE(scene.turn_until_received(behind, "HTTP/1.1 503 "));
}

TEST("evacuation: what is past its deadline gets 504") {
  Scene scene(1);
  LoopClient client(scene.loop.port());
  client.send(kGet);
  scene.loop.request(0);
  scene.begin(1);
  const int64_t arrived_us = base::monotonic_us();
  EXPECT_TRUE(scene.loop.turn_until([&] { return base::monotonic_us() - arrived_us > 2000; }));
  scene.condemn();
  EXPECT_TRUE(scene.turn_until_received(client, "HTTP/1.1 504 Gateway Timeout\r\n"));
}

TEST("evacuation: a body that has not come in full makes no difference, and an answer that has begun is cut") {
  Scene scene;
  LoopClient half(scene.loop.port());
  LoopClient streaming(scene.loop.port());
  streaming.send(kGet);
  const Handle request = scene.loop.request(0);
  scene.begin(1);
  scene.loop.apply(Operations().begin(request).chunk(request, "first piece"));
  EXPECT_TRUE(scene.turn_until_received(streaming, "first piece"));
  half.send(kHalfPost);
  scene.loop.settle();
  scene.condemn();
  EXPECT_TRUE(scene.turn_until_received(half, "HTTP/1.1 503 "));
  EXPECT_TRUE(scene.turn_until_ended(streaming));
  EXPECT_FALSE(streaming.has("0\r\n\r\n"));
}

TEST("evacuation: pipelined requests are answered in their order") {
  Scene scene;
  LoopClient client(scene.loop.port());
  client.send(std::string(kGet) + kGet + kGet);
  const Handle second = (scene.loop.request(2), scene.loop.request(1));
  scene.begin(2);
  scene.loop.apply(Operations().respond(second, "the second is done"));
  scene.loop.settle();
  scene.condemn();
  EXPECT_TRUE(scene.turn_until_ended(client));
  // Without anybody who takes the connection it ends behind the first answer.
  EXPECT_EQ(client.received().find("HTTP/1.1 502 "), size_t{0});
  EXPECT_TRUE(client.has("Connection: close\r\n"));
  EXPECT_FALSE(client.has("the second is done"));
}

TEST("evacuation: with a taker, connections are answered and live on") {
  net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  Scene scene;
  server::ServerOptions taking;
  taking.hand_over_fd = channel.receiver.get();
  LoopClient idle(scene.loop.port());
  LoopClient busy(scene.loop.port());
  idle.send(kGet);
  scene.loop.apply(Operations().respond(scene.loop.request(0), "served"));
  EXPECT_TRUE(scene.turn_until_received(idle, "served"));
  busy.send(std::string(kGet) + kGet);
  const Handle second = (scene.loop.request(2), scene.loop.request(2));
  scene.loop.apply(Operations().respond(second, "the second is done"));
  scene.begin(0);
  scene.condemn(channel.sender.get());
  EXPECT_TRUE(scene.turn_until_received(busy, "the second is done"));
  EXPECT_EQ(busy.received().find("HTTP/1.1 503 "), size_t{0});
  EXPECT_TRUE(scene.loop.turn_until([&] { return scene.loop.counters().connections.get() == 0; }));
  EXPECT_FALSE(idle.ended());
  EXPECT_FALSE(busy.ended());
  LoopFixture next(taking);
  busy.send(kGet);
  next.apply(Operations().respond(next.request(0), "from the next"));
  EXPECT_TRUE(next.turn_until([&] { return busy.has("from the next"); }));
  next.stop();
  scene.loop.stop();
}

/// JavaScript's requests with what their bodies say, of a loop that takes connections from `channel`.
struct NextWorker {
  explicit NextWorker(const net::DescriptorChannel& channel) : loop(options(channel)) {}
  static server::ServerOptions options(const net::DescriptorChannel& channel) {
    server::ServerOptions options;
    options.hand_over_fd = channel.receiver.get();
    return options;
  }
  bool answers(size_t request, LoopClient& client, std::string_view text) {
    loop.apply(Operations().respond(loop.request(request), text));
    return loop.turn_until([&] { return client.has(text); });
  }
  LoopFixture loop;
};

bool turn_until_empty(Scene& scene) {
  return scene.loop.turn_until([&] { return scene.loop.counters().connections.get() == 0; });
}

TEST("evacuation: a ready worker gets the requests that JavaScript has not begun") {
  net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  Scene scene(60000);
  LoopClient begun(scene.loop.port());
  LoopClient waiting(scene.loop.port());
  LoopClient half(scene.loop.port());
  begun.send(std::string(kGet) + kGet);
  scene.loop.request(1);
  waiting.send("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\nGET /n HT");
  scene.loop.request(2);
  half.send(kHalfPost);
  scene.loop.settle();
  scene.begin(1);
  scene.condemn(channel.sender.get());
  EXPECT_TRUE(scene.turn_until_received(begun, "HTTP/1.1 502 "));
  EXPECT_TRUE(turn_until_empty(scene));
  EXPECT_EQ(scene.loop.counters().given.get(), uint64_t{3});
  EXPECT_EQ(scene.loop.counters().in_flight.get(), uint64_t{0});
  EXPECT_EQ(scene.loop.counters().rejected.get(), uint64_t{0});
  NextWorker next(channel);
  half.send("ho");
  next.loop.request(2);
  const std::vector<Event> requests = next.loop.events(EventType::kRequest);
  std::string bodies;
  for (size_t i = 0; i < requests.size(); ++i) {
    bodies += requests[i].body + "|";
    next.loop.apply(Operations().respond(requests[i].request, "answer"));
  }
  EXPECT_TRUE(bodies.find("body|") != std::string::npos);
  EXPECT_TRUE(bodies.find("hiho|") != std::string::npos);
  for (LoopClient* client : {&begun, &waiting, &half}) {
    EXPECT_TRUE(next.loop.turn_until([&] { return client->has("answer"); }));
  }
  waiting.send("TP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(next.answers(3, waiting, "the rest of the head came"));
  next.loop.stop();
}

TEST("evacuation: what arrives in the turn that notices the order is read by the ready worker") {
  net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  Scene scene(60000);
  LoopClient idle(scene.loop.port());
  LoopClient half(scene.loop.port());
  LoopClient begun(scene.loop.port());
  idle.send(kGet);
  scene.loop.apply(Operations().respond(scene.loop.request(0), "served"));
  EXPECT_TRUE(scene.turn_until_received(idle, "served"));
  half.send("GET /n HT");
  begun.send(kGet);
  scene.loop.request(1);
  scene.loop.settle();
  scene.begin(2);
  idle.send(kGet);
  half.send("TP/1.1\r\nHost: a\r\n\r\n");
  begun.send(kGet);
  scene.condemn(channel.sender.get());
  EXPECT_TRUE(scene.turn_until_received(begun, "HTTP/1.1 502 "));
  EXPECT_TRUE(turn_until_empty(scene));
  EXPECT_EQ(scene.loop.counters().given.get(), uint64_t{3});
  EXPECT_EQ(scene.loop.counters().rejected.get(), uint64_t{0});
  NextWorker next(channel);
  for (size_t i = 0; i < 3; ++i) next.loop.apply(Operations().respond(next.loop.request(i), "from the next"));
  for (LoopClient* client : {&idle, &half, &begun}) {
    EXPECT_TRUE(next.loop.turn_until([&] { return client->has("from the next"); }));
  }
  next.loop.stop();
}

TEST("evacuation: a connection from another worker that was not adopted yet goes on unread") {
  const net::Listener elsewhere = std::move(net::listen_tcp({"127.0.0.1", 0}, 1, false).value());
  net::DescriptorChannel incoming = std::move(net::make_descriptor_channel().value());
  net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  Scene scene(60000, incoming.receiver.get());
  LoopClient client(elsewhere.port);
  server::KeptConnection kept;
  kept.remaining_ms = -1;
  pollfd listening{elsewhere.fd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&listening, 1, -1), 1);
  kept.fd.reset(::accept4(elsewhere.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  EXPECT_TRUE(kept.fd.valid());
  scene.loop.shared().arrivals.add(std::move(kept), 0);
  client.send(kGet);
  scene.condemn(channel.sender.get());
  EXPECT_TRUE(scene.loop.turn_until([&] { return scene.loop.counters().taken.get() == 1; }));
  EXPECT_TRUE(turn_until_empty(scene));
  EXPECT_EQ(scene.loop.counters().rejected.get(), uint64_t{0});
  NextWorker next(channel);
  EXPECT_TRUE(next.answers(0, client, "from the taker"));
  next.loop.stop();
}

TEST("evacuation: requests whose taker has no room in time are answered 503") {
  net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  const std::string filling(64 * 1024, 'x');
  while (net::send_descriptor(channel.sender.get(), 0, "", filling) == net::SendState::kSent) continue;
  Scene scene(60000);
  LoopClient client(scene.loop.port());
  LoopClient idle(scene.loop.port());
  idle.send(kGet);
  scene.loop.apply(Operations().respond(scene.loop.request(0), "served"));
  EXPECT_TRUE(scene.turn_until_received(idle, "served"));
  client.send(kGet);
  scene.loop.request(1);
  scene.begin(1);
  // Not read while it is held; the kernel tells of it once.
  idle.send(kGet);
  scene.condemn(channel.sender.get());
  for (LoopClient* one : {&client, &idle}) {
    EXPECT_TRUE(scene.turn_until_received(*one, "HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_TRUE(one->has("Retry-After: 7\r\n"));
  }
  scene.loop.stop();
}

TEST("evacuation: a full channel into which the worker drained before does not keep connections from their taker") {
  net::DescriptorChannel full = std::move(net::make_descriptor_channel().value());
  const std::string filling(64 * 1024, 'x');
  while (net::send_descriptor(full.sender.get(), 0, "", filling) == net::SendState::kSent) continue;
  net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  Scene scene;
  LoopClient idle(scene.loop.port());
  idle.send(kGet);
  scene.loop.apply(Operations().respond(scene.loop.request(0), "served"));
  EXPECT_TRUE(scene.turn_until_received(idle, "served"));
  using server::IoLoop;
  scene.loop.loop().command(IoLoop::Command::kDrain, IoLoop::drain_argument(true, full.sender.get()));
  scene.loop.settle();
  EXPECT_EQ(scene.loop.counters().given.get(), uint64_t{0});
  scene.condemn(channel.sender.get());
  EXPECT_TRUE(turn_until_empty(scene));
  EXPECT_EQ(scene.loop.counters().given.get(), uint64_t{1});
  NextWorker next(channel);
  idle.send(kGet);
  EXPECT_TRUE(next.answers(0, idle, "from the taker"));
  next.loop.stop();
}

TEST("evacuation: nobody waits for a worker that is yet to come, or that has gone") {
  for (const bool gone : {false, true}) {
    net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
    if (gone) channel.receiver.reset();
    Scene scene(60000);
    LoopClient client(scene.loop.port());
    client.send(kGet);
    scene.loop.request(0);
    scene.begin(0);
    scene.condemn(gone ? channel.sender.get() : -channel.sender.get());
    EXPECT_TRUE(scene.turn_until_received(client, "HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_TRUE(gone ? scene.turn_until_ended(client) : turn_until_empty(scene));
    EXPECT_EQ(client.ended(), gone);
    scene.loop.stop();
  }
}

TEST("evacuation: a request that is too large to be kept is answered 503") {
  net::DescriptorChannel channel = std::move(net::make_descriptor_channel().value());
  Scene scene(60000);
  LoopClient client(scene.loop.port());
  client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" + std::string(20000, 'x'));
  scene.loop.request(0);
  scene.begin(0);
  scene.condemn(channel.sender.get());
  EXPECT_TRUE(scene.turn_until_received(client, "HTTP/1.1 503 Service Unavailable\r\n"));
  scene.loop.stop();
}

TEST("evacuation: the limit that a request asked for decides between 502 and 504") {
  Scene scene(1);
  LoopClient longer(scene.loop.port());
  LoopClient unlimited(scene.loop.port());
  LoopClient shorter(scene.loop.port());
  longer.send(kGet);
  scene.loop.apply(Operations().deadline(scene.loop.request(0), 60'000'000));
  unlimited.send(kGet);
  scene.loop.apply(Operations().deadline(scene.loop.request(1), server::kUndeclared));
  shorter.send(kGet);
  scene.loop.apply(Operations().deadline(scene.loop.request(2), 1000));
  EXPECT_EQ(scene.board.row().loop(0).in_flight[1].deadline_us.load(), uint64_t{0});
  scene.begin(3);
  const int64_t before_us = base::monotonic_us();
  EXPECT_TRUE(scene.loop.turn_until([&] { return base::monotonic_us() - before_us > 2000; }));
  scene.condemn();
  EXPECT_TRUE(scene.turn_until_received(longer, "HTTP/1.1 502 "));
  EXPECT_TRUE(scene.turn_until_received(unlimited, "HTTP/1.1 502 "));
  EXPECT_TRUE(scene.turn_until_received(shorter, "HTTP/1.1 504 "));
}

TEST("evacuation: nobody is accepted any more, and answers that come too late are dropped") {
  Scene scene;
  LoopClient client(scene.loop.port());
  client.send(kGet);
  const Handle request = scene.loop.request(0);
  scene.condemn();
  scene.begin(0);
  LoopClient late(scene.loop.port());
  late.send(kGet);
  EXPECT_TRUE(scene.turn_until_received(client, "HTTP/1.1 503 "));
  scene.loop.apply(Operations().respond(request, "too late"));
  EXPECT_TRUE(scene.turn_until_ended(client));
  EXPECT_FALSE(client.has("too late"));
  EXPECT_EQ(scene.loop.counters().stale_writes.get(), uint64_t{1});
  EXPECT_FALSE(late.has("HTTP"));
  EXPECT_FALSE(late.ended());
}

TEST("evacuation: a loop that JavaScript runs on itself looks at no orders") {
  Board board;
  server::ServerOptions options = pool_options(board, 0);
  options.on_js_thread = true;
  LoopFixture loop(options);
  LoopClient client(loop.port());
  client.send(kGet);
  const Handle request = loop.request(0);
  board.row().header().cells[base::WorkerHeader::kCondemned].store(kNoTaker);
  loop.settle();
  loop.apply(Operations().respond(request, "served"));
  EXPECT_TRUE(loop.turn_until([&] { return client.has("served"); }));
}

}  // namespace
}  // namespace tsuwsgi::test
