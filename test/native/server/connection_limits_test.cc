// Timeouts, rates, refusals, capacity, draining: everything that ends or delays a connection without the application.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "native/harness.h"
#include "native/server/loop_fixture.h"

namespace tsuwsgi::test {
namespace {

using server::AbortReason;
using server::EventType;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr int64_t kShortMs = 80;

/// One short limit at a time: whichever other limit acted instead would let the test run into its patience.
server::ServerOptions limits(int64_t server::ServerOptions::*limit) {
  server::ServerOptions options;
  options.header_timeout_ms = options.body_timeout_ms = options.send_timeout_ms = options.keep_alive_timeout_ms = 60000;
  options.linger_timeout_ms = 60000;
  options.*limit = kShortMs;
  return options;
}

TEST("limits: a connection that sends nothing ends after the header timeout, without an answer") {
  LoopFixture fixture(limits(&server::ServerOptions::header_timeout_ms));
  const LoopClient unused(fixture.port());
  LoopClient client(fixture.port());
  const int64_t start = base::monotonic_us();
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(base::monotonic_us() - start >= kShortMs * 1000);
  EXPECT_EQ(client.received(), "");
  EXPECT_EQ(fixture.counters().timeouts.get(), uint64_t{2});
}

TEST("limits: a head that trickles is answered 408, also when bytes keep coming") {
  LoopFixture fixture(limits(&server::ServerOptions::header_timeout_ms));
  LoopClient client(fixture.port());
  client.send("GET / HTTP/1.1\r\nX: ");
  EXPECT_TRUE(fixture.turn_until([&] {
    client.send_some("x");
    return client.has("HTTP/1.1 408 ");
  }));
  client.finish();
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
}

TEST("limits: an idle connection ends after the keep-alive timeout, counted from its last answer") {
  LoopFixture fixture(limits(&server::ServerOptions::keep_alive_timeout_ms));
  LoopClient client(fixture.port());
  client.send(kGet);
  const Handle request = fixture.request(0);
  // The application takes longer than the limit, and the loop sees no event meanwhile.
  const int64_t start = base::monotonic_us();
  while (base::monotonic_us() - start < 2 * kShortMs * 1000) std::this_thread::yield();
  fixture.apply(Operations().respond(request, "late"));
  fixture.settle();
  EXPECT_TRUE(client.has("late"));
  EXPECT_FALSE(client.ended());
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(base::monotonic_us() - start >= 3 * kShortMs * 1000);
}

TEST("limits: a body that stops is answered 408") {
  LoopFixture fixture(limits(&server::ServerOptions::body_timeout_ms));
  LoopClient client(fixture.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("HTTP/1.1 408 "); }));
  EXPECT_EQ(fixture.count(EventType::kRequest), size_t{0});
}

/// Of this process, by proc(5).
size_t address_space() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

TEST("limits: a length that is only announced takes no memory") {
  server::ServerOptions options;
  options.post_buffering_bytes = options.body_memory_bytes = 64 << 20;
  LoopFixture fixture(options);
  const size_t before = address_space();
  std::vector<std::unique_ptr<LoopClient>> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::make_unique<LoopClient>(fixture.port()));
    clients.back()->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\nx");
  }
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.shared().body_memory.load() == clients.size(); }));
  EXPECT_TRUE(address_space() - before < options.body_memory_bytes);
}

TEST("limits: a streamed body that stops aborts its request with the reason") {
  server::ServerOptions options = limits(&server::ServerOptions::body_timeout_ms);
  options.post_buffering_bytes = 0;
  LoopFixture fixture(options);
  LoopClient client(fixture.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  fixture.apply(Operations().read_body(fixture.request(0), 100));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("HTTP/1.1 408 "); }));
  EXPECT_EQ(fixture.count(EventType::kAborted), size_t{1});
  EXPECT_EQ(fixture.events(EventType::kAborted)[0].value, static_cast<uint32_t>(AbortReason::kTimeout));
  EXPECT_EQ(fixture.counters().in_flight.get(), uint64_t{0});
}

TEST("limits: a body timeout behind a running request is refused once") {
  LoopFixture fixture(limits(&server::ServerOptions::body_timeout_ms));
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + "GET /b HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  const Handle first = fixture.request(0);
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().timeouts.get() == 1; }));
  const int64_t start = base::monotonic_us();
  EXPECT_TRUE(fixture.turn_until([&] { return base::monotonic_us() - start > 3 * kShortMs * 1000; }));
  EXPECT_EQ(fixture.counters().timeouts.get(), uint64_t{1});
  fixture.apply(Operations().respond(first, "one"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("HTTP/1.1 408 "); }));
  EXPECT_TRUE(client.received().find("408 ") == client.received().rfind("408 "));
}

TEST("limits: a body slower than the minimum rate is answered 408, one that keeps it is not") {
  server::ServerOptions options = limits(&server::ServerOptions::body_timeout_ms);
  options.min_rate = 200;  // 16 bytes in the window
  LoopFixture fixture(options);
  LoopClient slow(fixture.port());
  LoopClient steady(fixture.port());
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
  slow.send(head + "a");
  steady.send(head);
  EXPECT_TRUE(fixture.turn_until([&] {
    steady.send_some(std::string(100, 's'));
    return slow.has("HTTP/1.1 408 ");
  }));
  const int64_t start = base::monotonic_us();
  EXPECT_TRUE(fixture.turn_until([&] {
    steady.send_some(std::string(100, 's'));
    return base::monotonic_us() - start > 3 * kShortMs * 1000;
  }));
  EXPECT_FALSE(steady.has("408"));
}

TEST("limits: a client that does not read is cut, one that reads slowly enough is not") {
  server::ServerOptions options = limits(&server::ServerOptions::send_timeout_ms);
  options.send_timeout_ms = 1000;  // the kernel takes megabytes before the loop sees that the client reads
  LoopFixture fixture(options);
  LoopClient stuck(fixture.port(), 4096);
  LoopClient slow(fixture.port());
  stuck.send(kGet);
  const Handle first = fixture.request(0);
  slow.send(kGet);
  const Handle second = fixture.request(1);
  const std::string large(12 << 20, 'x');
  fixture.apply(Operations().respond(first, large).respond(second, large));
  EXPECT_TRUE(fixture.turn_until([&] {
    slow.receive(300000);
    return fixture.counters().timeouts.get() == 1;
  }));
  EXPECT_TRUE(fixture.turn_until([&] {
    slow.receive(300000);
    return slow.received().size() > large.size();
  }));
  EXPECT_EQ(fixture.counters().timeouts.get(), uint64_t{1});
  EXPECT_EQ(fixture.count(EventType::kLog), size_t{1});
  EXPECT_TRUE(fixture.events(EventType::kLog)[0].body.find("--send-timeout") != std::string::npos);
}

TEST("limits: a refusal arrives although the client goes on sending, and lingering ends") {
  server::ServerOptions options = limits(&server::ServerOptions::linger_timeout_ms);
  LoopFixture fixture(options);
  LoopClient client(fixture.port());
  client.send("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n");
  const std::string flood(100000, 'f');
  EXPECT_TRUE(fixture.turn_until([&] {
    client.send_some(flood);
    return client.has("HTTP/1.1 400 ");
  }));
  EXPECT_TRUE(fixture.turn_until([&] {
    client.send_some(flood);
    return fixture.counters().connections.get() == 0;
  }));
  EXPECT_EQ(fixture.counters().bad_requests.get(), uint64_t{1});
}

TEST("limits: one flood of bytes does not keep the loop from its other connections") {
  server::ServerOptions options;
  options.request.body_bytes = 1;
  LoopFixture fixture(options);
  LoopClient refused(fixture.port());
  refused.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
  EXPECT_TRUE(fixture.turn_until([&] { return refused.has("HTTP/1.1 413 "); }));
  std::atomic<bool> stop{false};
  std::thread flooding([&] {
    const std::string flood(1 << 20, 'f');
    while (!stop) refused.send_some(flood);
  });
  LoopClient other(fixture.port());
  other.send(kGet);
  fixture.apply(Operations().respond(fixture.request(0), "served"));
  EXPECT_TRUE(fixture.turn_until([&] { return other.has("served"); }));
  stop = true;
  flooding.join();
}

TEST("limits: over --limit-post is 413, over --buffer-size 431, a head that cannot cross 431") {
  server::ServerOptions options;
  options.request.body_bytes = 100;
  options.request.head_bytes = 1 << 20;
  options.request.header_count = 0;
  LoopFixture fixture(options);
  LoopClient large_body(fixture.port());
  large_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n");
  EXPECT_TRUE(fixture.turn_until([&] { return large_body.has("HTTP/1.1 413 "); }));
  LoopClient large_head(fixture.port());
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(600000, 'x') + "\r\n\r\n";
  std::string_view rest = head;
  EXPECT_TRUE(fixture.turn_until([&] {
    rest.remove_prefix(large_head.send_some(rest));
    return large_head.has("HTTP/1.1 431 ");
  }));
  EXPECT_EQ(fixture.count(EventType::kRequest), size_t{0});
}

server::ServerOptions one_pending() {
  server::ServerOptions options;
  options.on_js_thread = false;
  options.max_pending = 1;
  options.retry_after_seconds = 7;
  return options;
}

TEST("limits: over the pending limit the core answers 503 and keeps the connection") {
  LoopFixture fixture(one_pending());
  fixture.shared().pending.store(1);
  LoopClient client(fixture.port());
  client.send(kGet);
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("HTTP/1.1 503 "); }));
  EXPECT_TRUE(client.has("Retry-After: 7\r\n"));
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().rejected.get() == 2; }));
  fixture.shared().pending.store(0);
  client.send(kGet);
  fixture.apply(Operations().respond(fixture.request(0), "at last"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("at last"); }));
}

TEST("limits: a streamed body over the pending limit is refused before it is read") {
  server::ServerOptions options = one_pending();
  options.post_buffering_bytes = 0;
  LoopFixture fixture(options);
  fixture.shared().pending.store(1);
  LoopClient client(fixture.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\nabc" + std::string(kGet));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("HTTP/1.1 503 "); }));
  client.finish();
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_FALSE(client.was_reset());
  EXPECT_EQ(fixture.counters().rejected.get(), uint64_t{1});
  fixture.shared().pending.store(0);
}

TEST("limits: at --max-connections the queue waits, and goes on when a place is free") {
  server::ServerOptions options;
  options.max_connections = 1;
  LoopFixture fixture(options);
  auto first = std::make_unique<LoopClient>(fixture.port());
  LoopClient second(fixture.port());
  first->send(kGet);
  second.send(kGet);
  const Handle request = fixture.request(0);
  fixture.settle();
  EXPECT_EQ(fixture.counters().accepted.get(), uint64_t{1});
  fixture.apply(Operations().respond(request, "1"));
  fixture.settle();
  first->reset();
  fixture.apply(Operations().respond(fixture.request(1), "2"));
  EXPECT_TRUE(fixture.turn_until([&] { return second.has("2"); }));
}

TEST("limits: out of descriptors is a pause, said once, and ends by itself") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  const base::UniqueFd highest(::dup(0));
  none.rlim_cur = static_cast<rlim_t>(highest.get());
  ::setrlimit(RLIMIT_NOFILE, &none);
  client.send(kGet);
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().accept_pauses.get() >= 2; }));
  ::setrlimit(RLIMIT_NOFILE, &before);
  fixture.apply(Operations().respond(fixture.request(0), "served"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("served"); }));
  EXPECT_TRUE(fixture.count(EventType::kLog) <= 2);
}

TEST("limits: draining ends idle connections at once, others behind their answer, and says when it is done") {
  LoopFixture fixture;
  LoopClient idle(fixture.port());
  LoopClient running(fixture.port());
  LoopClient begun(fixture.port());
  idle.send(kGet);
  fixture.apply(Operations().respond(fixture.request(0), "x"));
  running.send(kGet);
  begun.send(kGet);
  const Handle request = fixture.request(1);
  const Handle streaming = fixture.request(2);
  fixture.apply(Operations().begin(streaming).chunk(streaming, "a"));
  fixture.loop().command(server::IoLoop::Command::kDrain);
  EXPECT_TRUE(fixture.turn_until([&] { return idle.ended(); }));
  EXPECT_EQ(fixture.count(EventType::kDrained), size_t{0});
  fixture.apply(Operations().respond(request, "last"));
  EXPECT_TRUE(fixture.turn_until([&] { return running.ended(); }));
  EXPECT_TRUE(running.has("Connection: close\r\n"));
  fixture.apply(Operations().end(streaming));
  EXPECT_TRUE(fixture.turn_until([&] { return begun.ended(); }));
  EXPECT_TRUE(begun.has("0\r\n\r\n"));
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.count(EventType::kDrained) == 1; }));
}

TEST("limits: draining answers what has arrived already, and what a fresh connection sends now") {
  LoopFixture fixture;
  LoopClient kept(fixture.port());
  kept.send(kGet);
  fixture.apply(Operations().respond(fixture.request(0), "x"));
  LoopClient fresh(fixture.port());
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().accepted.get() == 2; }));
  kept.send(kGet);  // in the socket when the loop hears of the drain
  fixture.loop().command(server::IoLoop::Command::kDrain);
  const Handle second = fixture.request(1);
  fresh.send(kGet);
  const Handle third = fixture.request(2);
  fixture.apply(Operations().respond(second, "two").respond(third, "three"));
  EXPECT_TRUE(fixture.turn_until([&] { return kept.ended() && fresh.ended(); }));
  EXPECT_TRUE(kept.has("two"));
  EXPECT_TRUE(fresh.has("three"));
}

TEST("limits: a queue that is not the loop's own is served while it is adopted") {
  LoopFixture fixture({}, false);
  LoopClient client(fixture.port());
  client.send(kGet);
  fixture.settle();
  EXPECT_EQ(fixture.counters().accepted.get(), uint64_t{0});
  fixture.loop().command(server::IoLoop::Command::kAdopt, 0);
  fixture.apply(Operations().respond(fixture.request(0), "adopted"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("adopted"); }));
  fixture.loop().command(server::IoLoop::Command::kRelease, 0);
  fixture.settle();
  LoopClient late(fixture.port());
  late.send(kGet);
  fixture.settle();
  EXPECT_EQ(fixture.counters().accepted.get(), uint64_t{1});
}

}  // namespace
}  // namespace tsuwsgi::test
