// Connections that a draining loop gives to another one: their clients notice nothing.
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "native/harness.h"
#include "native/server/loop_fixture.h"
#include "net/descriptor_channel.h"
#include "net/socket_io.h"

namespace tsuwsgi::test {
namespace {

using server::EventType;
using server::IoLoop;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* kPost = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

/// Two loops of different workers and the channel between them.
class Succession {
 public:
  explicit Succession(const server::ServerOptions& options = {}, bool taker_is_there = true)
      : channel_(std::move(net::make_descriptor_channel().value())), options_(options) {
    old_ = std::make_unique<LoopFixture>(options_);
    if (taker_is_there) start_taker();
  }
  ~Succession() {
    if (next_ != nullptr) next_->stop();
    next_.reset();
    old_.reset();
  }

  void start_taker() {
    server::ServerOptions taking = options_;
    taking.hand_over_fd = channel_.receiver.get();
    next_ = std::make_unique<LoopFixture>(taking);
  }

  LoopFixture& old() { return *old_; }
  LoopFixture& next() { return *next_; }
  int sender() const { return channel_.sender.get(); }
  int receiver() const { return channel_.receiver.get(); }

  void drain() { old().loop().command(IoLoop::Command::kDrain, IoLoop::drain_argument(true, sender())); }
  bool drained() {
    return old().turn_until([&] { return old().count(EventType::kDrained) == 1; });
  }
  uint64_t given() { return old().counters().given.get(); }
  uint64_t taken() { return next().counters().taken.get(); }
  /// The connection is with the next one, which has done what there was to do.
  bool arrived(uint64_t count) {
    return next().turn_until([&] { return taken() == count; });
  }

 private:
  net::DescriptorChannel channel_;
  server::ServerOptions options_;
  std::unique_ptr<LoopFixture> old_;
  std::unique_ptr<LoopFixture> next_;
};

/// A connection that has had an answer.
void serve_one(LoopFixture& fixture, LoopClient& client, size_t index) {
  client.send(kGet);
  fixture.apply(Operations().respond(fixture.request(index), "served"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("served"); }));
}

TEST("hand-over: an idle connection is served on by the next one, its client notices nothing") {
  Succession scene;
  LoopClient client(scene.old().port());
  serve_one(scene.old(), client, 0);
  scene.drain();
  EXPECT_TRUE(scene.drained());
  EXPECT_EQ(scene.given(), uint64_t{1});
  client.send(kGet);
  scene.next().apply(Operations().respond(scene.next().request(0), "from the next"));
  EXPECT_TRUE(scene.next().turn_until([&] { return client.has("from the next"); }));
  EXPECT_FALSE(client.has("Connection: close"));
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(scene.taken(), uint64_t{1});
  EXPECT_EQ(scene.next().count(EventType::kPeer), size_t{1});
}

TEST("hand-over: a running request is answered first, without Connection: close") {
  Succession scene;
  LoopClient client(scene.old().port());
  client.send(kGet);
  const Handle request = scene.old().request(0);
  scene.drain();
  scene.old().settle();
  EXPECT_EQ(scene.given(), uint64_t{0});
  scene.old().apply(Operations().respond(request, "first"));
  EXPECT_TRUE(scene.drained());
  EXPECT_TRUE(client.has("first"));
  EXPECT_FALSE(client.has("Connection: close"));
  client.send(kGet);
  scene.next().apply(Operations().respond(scene.next().request(0), "second"));
  EXPECT_TRUE(scene.next().turn_until([&] { return client.has("second"); }));
}

TEST("hand-over: half a head goes along, byte for byte") {
  Succession scene;
  LoopClient client(scene.old().port());
  serve_one(scene.old(), client, 0);
  const std::string head = kGet;
  client.send(head.substr(0, 9));
  scene.old().settle();
  scene.drain();
  EXPECT_TRUE(scene.drained());
  EXPECT_TRUE(scene.arrived(1));
  client.send(head.substr(9));
  scene.next().apply(Operations().respond(scene.next().request(0), "whole"));
  EXPECT_TRUE(scene.next().turn_until([&] { return client.has("whole"); }));
}

TEST(
    "hand-over: pipelined requests that were read behind the running one are answered, in order, by one or the other") {
  Succession scene;
  LoopClient client(scene.old().port());
  client.send(std::string(kPost) + kPost + kPost + std::string(kGet, 12));
  const Handle first = scene.old().request(0);
  scene.drain();
  scene.old().settle();
  scene.old().apply(Operations().respond(first, "one."));
  EXPECT_TRUE(scene.old().turn_until([&] { return client.has("one."); }));
  client.send(std::string(kGet).substr(12));
  // Who answers the others is a matter of moments; each is answered once and in order.
  std::vector<std::string> answers = {"two.", "three.", "four."};
  size_t with_old = 1;
  size_t with_next = 0;
  for (const std::string& text : answers) {
    LoopFixture* server = nullptr;
    const auto has_request = [&] {
      scene.next().settle();
      scene.old().settle();
      if (scene.old().count(EventType::kRequest) > with_old) server = &scene.old();
      if (scene.next().count(EventType::kRequest) > with_next) server = &scene.next();
      return server != nullptr;
    };
    EXPECT_TRUE(scene.next().turn_until(has_request));
    size_t& index = server == &scene.old() ? with_old : with_next;
    server->apply(Operations().respond(server->request(index), text));
    ++index;
    EXPECT_TRUE(server->turn_until([&] { return client.has(text); }));
  }
  EXPECT_FALSE(client.has("Connection: close"));
  EXPECT_TRUE(scene.drained());
  EXPECT_EQ(with_old + with_next, size_t{4});
}

TEST("hand-over: a body that is half there is read to its end first") {
  Succession scene;
  LoopClient client(scene.old().port());
  client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  scene.old().settle();
  scene.drain();
  scene.old().settle();
  EXPECT_EQ(scene.given(), uint64_t{0});
  client.send("cd");
  const Handle request = scene.old().request(0);
  EXPECT_EQ(scene.old().events(EventType::kRequest)[0].body, "abcd");
  scene.old().apply(Operations().respond(request, "got it"));
  EXPECT_TRUE(scene.drained());
  EXPECT_TRUE(client.has("got it"));
  EXPECT_EQ(scene.given(), uint64_t{1});
  EXPECT_TRUE(scene.arrived(1));
}

TEST("hand-over: a streamed answer ends first") {
  Succession scene;
  LoopClient client(scene.old().port());
  client.send(kGet);
  const Handle request = scene.old().request(0);
  scene.old().apply(Operations().begin(request).chunk(request, "a"));
  scene.drain();
  scene.old().settle();
  EXPECT_EQ(scene.given(), uint64_t{0});
  scene.old().apply(Operations().end(request));
  EXPECT_TRUE(scene.drained());
  EXPECT_TRUE(client.has("0\r\n\r\n"));
  EXPECT_TRUE(scene.arrived(1));
  EXPECT_FALSE(client.ended());
}

TEST("hand-over: a connection that asked for its end gets it") {
  Succession scene;
  LoopClient client(scene.old().port());
  client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const Handle request = scene.old().request(0);
  scene.drain();
  scene.old().settle();
  scene.old().apply(Operations().respond(request, "last"));
  EXPECT_TRUE(scene.drained());
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(scene.given(), uint64_t{0});
}

TEST("hand-over: one that was just accepted goes too") {
  Succession scene;
  LoopClient client(scene.old().port());
  EXPECT_TRUE(scene.old().turn_until([&] { return scene.old().counters().accepted.get() == 1; }));
  scene.drain();
  EXPECT_TRUE(scene.drained());
  client.send(kGet);
  scene.next().apply(Operations().respond(scene.next().request(0), "served"));
  EXPECT_TRUE(scene.next().turn_until([&] { return client.has("served"); }));
}

TEST("hand-over: the keep-alive limit goes on, it does not begin anew") {
  server::ServerOptions options;
  options.keep_alive_timeout_ms = 300;
  Succession scene(options, false);
  LoopClient client(scene.old().port());
  serve_one(scene.old(), client, 0);
  const int64_t answered = base::monotonic_us();
  EXPECT_TRUE(scene.old().turn_until([&] { return base::monotonic_us() - answered > 200'000; }));
  scene.drain();
  EXPECT_TRUE(scene.drained());
  scene.start_taker();
  EXPECT_TRUE(scene.next().turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(base::monotonic_us() - answered < 450'000);
}

TEST("hand-over: what nobody takes yet waits in the channel, and so does what its client sends meanwhile") {
  Succession scene({}, false);
  LoopClient client(scene.old().port());
  serve_one(scene.old(), client, 0);
  scene.drain();
  EXPECT_TRUE(scene.drained());
  client.send(kGet);
  scene.start_taker();
  scene.next().apply(Operations().respond(scene.next().request(0), "late but there"));
  EXPECT_TRUE(scene.next().turn_until([&] { return client.has("late but there"); }));
}

TEST("hand-over: a full channel makes connections wait, which are served meanwhile") {
  Succession scene({}, false);
  const std::string filler(200, 'x');
  while (net::send_descriptor(scene.sender(), scene.sender(), filler, "") == net::SendState::kSent) continue;
  LoopClient client(scene.old().port());
  serve_one(scene.old(), client, 0);
  scene.drain();
  scene.old().settle();
  EXPECT_EQ(scene.given(), uint64_t{0});
  serve_one(scene.old(), client, 1);
  EXPECT_FALSE(client.has("Connection: close"));
  char buffer[1024];
  while (net::receive_descriptor(scene.receiver(), buffer, sizeof buffer).state == net::ReceiveState::kReceived) {
    continue;
  }
  EXPECT_TRUE(scene.drained());
  EXPECT_EQ(scene.given(), uint64_t{1});
  scene.start_taker();
  serve_one(scene.next(), client, 0);
}

TEST("hand-over: messages that cannot be read close what they hold, and the loop goes on") {
  Succession scene;
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const base::UniqueFd mine(ends[0]);
  base::UniqueFd theirs(ends[1]);
  EXPECT_EQ(net::send_descriptor(scene.sender(), theirs.get(), "not a connection's facts", ""), net::SendState::kSent);
  theirs.reset();
  EXPECT_TRUE(scene.next().turn_until([&] { return scene.next().count(EventType::kLog) == 1; }));
  char byte = 0;
  EXPECT_EQ(::recv(mine.get(), &byte, 1, MSG_DONTWAIT), ssize_t{0});
  LoopClient client(scene.next().port());
  serve_one(scene.next(), client, 0);
}

TEST("hand-over: without a taker draining closes, as ever") {
  Succession scene;
  LoopClient client(scene.old().port());
  serve_one(scene.old(), client, 0);
  scene.old().loop().command(IoLoop::Command::kDrain, IoLoop::drain_argument(true));
  EXPECT_TRUE(scene.drained());
  EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace tsuwsgi::test
