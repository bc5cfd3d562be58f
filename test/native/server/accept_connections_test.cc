#include "server/accept_connections.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "native/harness.h"
#include "net/unix_listener.h"
#include "server/loop_context.h"

namespace tsuwsgi::test {
namespace {

/// One queue under an abstract name, and clients that connect to it.
class Queue {
 public:
  Queue() : name_("tsuwsgi-accept-test." + std::to_string(::getpid())) {
    base::Result<net::Listener> result = net::listen_unix({name_, true}, {}, 128);
    EXPECT_TRUE(result.ok());
    listener_ = std::move(result.value());
  }

  int fd() const { return listener_.fd.get(); }

  void connect(int count) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data(), name_.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
    for (int i = 0; i < count; ++i) {
      base::UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
      clients_.push_back(std::move(client));
    }
  }

 private:
  std::string name_;
  net::Listener listener_;
  std::vector<base::UniqueFd> clients_;
};

server::ServerOptions options_for(const Queue& queue, bool shared) {
  server::ServerOptions options;
  options.loops = 2;
  server::QueueOptions entry;
  entry.fd = queue.fd();
  entry.shared = shared;
  entry.protocol = Protocol::uwsgi;
  entry.listener = 7;
  options.queues.push_back(entry);
  return options;
}

/// What of a loop has to do with accepting.
struct Loop {
  Loop(const server::ServerOptions& options, server::SharedState& shared, uint32_t index, int outer_epoll = -1)
      : context(options, shared, index), acceptor(context) {
    context.poller.set_outer(outer_epoll);
    acceptor.start();
  }
  /// How many it takes in a turn.
  size_t turn() {
    const size_t before = fresh.size();
    acceptor.accept(0, fresh);
    return fresh.size() - before;
  }
  bool told() { return context.poller.wait(0) > 0; }

  server::LoopContext context;
  server::Acceptor acceptor;
  std::vector<server::Connection*> fresh;
};

TEST("accepting: a loop takes what waits in its own queue at once, and the listener's protocol with it") {
  Queue queue;
  const server::ServerOptions options = options_for(queue, false);
  server::SharedState shared;
  Loop loop(options, shared, 0);
  queue.connect(40);
  EXPECT_EQ(loop.turn(), size_t{40});
  EXPECT_TRUE(loop.fresh.front()->protocol == Protocol::uwsgi);
  EXPECT_EQ(loop.fresh.front()->listener, 7u);
  Loop other(options, shared, 1);
  queue.connect(1);
  EXPECT_TRUE(loop.told());
  EXPECT_FALSE(other.told());
}

TEST("accepting: every loop polls a shared queue, also when it is told to release it") {
  Queue queue;
  const server::ServerOptions options = options_for(queue, true);
  server::SharedState shared;
  Loop first(options, shared, 0);
  Loop second(options, shared, 1);
  second.acceptor.release(0);
  queue.connect(1);
  EXPECT_TRUE(first.told());
  EXPECT_TRUE(second.told());
  EXPECT_EQ(second.turn(), size_t{1});
  EXPECT_EQ(first.turn(), size_t{0});
  EXPECT_FALSE(first.told());
}

TEST("accepting: of a shared queue a loop takes one, and more only while it stays full") {
  Queue queue;
  const server::ServerOptions options = options_for(queue, true);
  server::SharedState shared;
  Loop loop(options, shared, 0);
  queue.connect(60);
  std::vector<size_t> taken;
  for (int i = 0; i < 7; ++i) taken.push_back(loop.turn());
  EXPECT_TRUE((taken == std::vector<size_t>{1, 2, 4, 8, 16, 16, 13}));
  queue.connect(2);
  EXPECT_EQ(loop.turn(), size_t{1});
}

TEST("accepting: what waits in a shared queue is taken at the end of the server, not of a worker") {
  Queue queue;
  const server::ServerOptions options = options_for(queue, true);
  server::SharedState shared;
  Loop leaving(options, shared, 0);
  Loop last(options, shared, 1);
  queue.connect(30);
  leaving.acceptor.accept_last(false, leaving.fresh);
  leaving.acceptor.stop();
  EXPECT_EQ(leaving.fresh.size(), size_t{0});
  last.acceptor.accept_last(true, last.fresh);
  EXPECT_EQ(last.fresh.size(), size_t{30});
}

TEST("accepting: in a loop that another epoll waits for, that epoll tells of a shared queue") {
  Queue queue;
  const server::ServerOptions options = options_for(queue, true);
  server::SharedState shared;
  const base::UniqueFd outer(::epoll_create1(EPOLL_CLOEXEC));
  Loop loop(options, shared, 0, outer.get());
  epoll_event event{};
  const auto outer_told = [&] { return ::epoll_wait(outer.get(), &event, 1, 0) == 1; };
  EXPECT_FALSE(outer_told());
  queue.connect(2);
  EXPECT_TRUE(outer_told());
  EXPECT_EQ(event.data.fd, loop.context.poller.fd());
  EXPECT_FALSE(loop.told());
  loop.acceptor.accept_untold(loop.fresh);
  EXPECT_EQ(loop.fresh.size(), size_t{1});
  EXPECT_TRUE(outer_told());
  loop.acceptor.stop();
  EXPECT_FALSE(outer_told());
  loop.acceptor.accept_untold(loop.fresh);
  EXPECT_EQ(loop.fresh.size(), size_t{1});
}

TEST("accepting: a loop that starts while the server is paused leaves its queue alone until it is resumed") {
  Queue queue;
  server::ServerOptions options = options_for(queue, false);
  options.held = true;
  server::SharedState shared;
  queue.connect(2);
  Loop loop(options, shared, 0);
  EXPECT_FALSE(loop.told());
  EXPECT_EQ(loop.turn(), size_t{0});
  loop.acceptor.hold(false);
  EXPECT_TRUE(loop.told());
  EXPECT_EQ(loop.turn(), size_t{2});
}

TEST("accepting: a loop that is full leaves a shared queue to the others") {
  Queue queue;
  server::ServerOptions options = options_for(queue, true);
  options.max_connections = 4;  // of the worker: two for each loop
  server::SharedState shared;
  Loop full(options, shared, 0);
  Loop other(options, shared, 1);
  queue.connect(3);
  EXPECT_EQ(full.turn() + full.turn() + full.turn(), size_t{2});
  EXPECT_FALSE(full.told());
  EXPECT_TRUE(other.told());
  EXPECT_EQ(other.turn(), size_t{1});
}

}  // namespace
}  // namespace tsuwsgi::test
