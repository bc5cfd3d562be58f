// What a loop tells on the scoreboard: requests in flight, and where the time of finished ones went.
#include "server/loop_board.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "base/clock.h"
#include "native/harness.h"
#include "native/server/board_memory.h"
#include "native/server/echo_server.h"
#include "native/server/loop_fixture.h"
#include "native/server/raw_client.h"

namespace tsuwsgi::test {
namespace {

using base::InFlightState;
using base::Latency;
using server::EventType;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

server::ServerOptions watched(const BoardMemory& memory) {
  server::ServerOptions options;
  options.board = memory.row();
  return options;
}

uint64_t counted(const BoardMemory& memory, Latency latency) {
  return count_all(memory.loop().latencies[static_cast<uint32_t>(latency)]);
}

TEST("loop board: a request in flight shows from its head until its answer is sent") {
  BoardMemory memory;
  server::ServerOptions options = watched(memory);
  options.deadline_ms = 5000;
  LoopFixture fixture(options);
  LoopClient client(fixture.port());
  client.send("POST /up?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
  EXPECT_TRUE(fixture.turn_until([&] { return !read_in_flight(memory.loop()).empty(); }));
  SeenEntry seen = read_in_flight(memory.loop()).front();
  EXPECT_EQ(seen.method + " " + seen.uri, "POST /up?x=1");
  EXPECT_EQ(seen.state, InFlightState::kBody);
  EXPECT_EQ(seen.sequence, uint64_t{0});
  client.send("abc");
  const Handle request = fixture.request(0);
  seen = read_in_flight(memory.loop()).front();
  EXPECT_EQ(seen.state, InFlightState::kGiven);
  EXPECT_EQ(seen.handle, request.slot);
  EXPECT_EQ(seen.sequence, uint64_t{1});
  EXPECT_TRUE(seen.deadline_us >= seen.started_us + 5'000'000);
  EXPECT_EQ(memory.loop().taken.sequence.get(), uint64_t{1});
  EXPECT_EQ(memory.loop().counters.idle.get(), uint64_t{0});
  fixture.apply(Operations().respond(request, "done"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("done"); }));
  EXPECT_TRUE(read_in_flight(memory.loop()).empty());
  EXPECT_EQ(memory.loop().counters.idle.get(), uint64_t{1});
  EXPECT_EQ(memory.loop().counters.answers[1].get(), uint64_t{1});
}

TEST("loop board: where the time of a request went adds up") {
  BoardMemory memory;
  LoopFixture fixture(watched(memory));
  LoopClient client(fixture.port());
  for (size_t i = 0; i < 3; ++i) {
    client.send(kGet);
    const Handle request = fixture.request(i);
    const int64_t later = base::monotonic_us() + 2000;
    EXPECT_TRUE(fixture.turn_until([&] { return base::monotonic_us() >= later; }));
    fixture.apply(Operations().respond(request, "x"));
  }
  fixture.settle();
  const server::Counters& figures = memory.loop().counters;
  for (const Latency each : {Latency::kWaiting, Latency::kJavascript, Latency::kWriting, Latency::kTotal}) {
    EXPECT_EQ(counted(memory, each), uint64_t{3});
  }
  EXPECT_TRUE(figures.javascript_us.get() >= 6000);
  const uint64_t parts = figures.waiting_us.get() + figures.javascript_us.get() + figures.writing_us.get();
  EXPECT_EQ(parts, figures.running_us.get());
}

TEST("loop board: an answer that the client does not take is being written") {
  BoardMemory memory;
  LoopFixture fixture(watched(memory));
  LoopClient client(fixture.port(), 4096);
  client.send(kGet);
  const Handle request = fixture.request(0);
  const std::string body(16 << 20, 'b');
  ResponseOptions options;
  options.declared = body.size();
  fixture.apply(Operations().begin(request, options).lend(request, 1, body.data(), body.size()).end(request));
  fixture.settle();
  EXPECT_EQ(read_in_flight(memory.loop()).size(), size_t{1});
  EXPECT_EQ(read_in_flight(memory.loop()).front().state, InFlightState::kWriting);
  EXPECT_EQ(memory.loop().counters.in_flight.get(), uint64_t{0});
  EXPECT_EQ(counted(memory, Latency::kTotal), uint64_t{0});
  client.reset();
  EXPECT_TRUE(fixture.turn_until([&] { return read_in_flight(memory.loop()).empty(); }));
  EXPECT_EQ(counted(memory, Latency::kTotal), uint64_t{1});
}

TEST("loop board: what the client gives up leaves the table, and has no time") {
  BoardMemory memory;
  LoopFixture fixture(watched(memory));
  LoopClient client(fixture.port());
  client.send(kGet);
  fixture.request(0);
  EXPECT_EQ(read_in_flight(memory.loop()).size(), size_t{1});
  client.reset();
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.count(EventType::kAborted) == 1; }));
  EXPECT_TRUE(read_in_flight(memory.loop()).empty());
  EXPECT_EQ(counted(memory, Latency::kTotal), uint64_t{0});
}

TEST("loop board: what the table has no room for is counted") {
  BoardMemory memory;
  LoopFixture fixture(watched(memory));
  constexpr size_t kClients = base::LoopRow::kInFlightEntries + 5;
  std::vector<std::unique_ptr<LoopClient>> clients;
  Operations answers;
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<LoopClient>(fixture.port()));
    clients.back()->send(kGet);
    answers.respond(fixture.request(i), "x");
  }
  EXPECT_EQ(read_in_flight(memory.loop()).size(), size_t{base::LoopRow::kInFlightEntries});
  EXPECT_EQ(memory.loop().counters.untabled.get(), uint64_t{5});
  EXPECT_EQ(memory.loop().counters.in_flight.get(), uint64_t{kClients});
  fixture.apply(answers);
  fixture.settle();
  EXPECT_TRUE(read_in_flight(memory.loop()).empty());
  EXPECT_EQ(memory.loop().counters.untabled.get(), uint64_t{0});
  EXPECT_EQ(counted(memory, Latency::kTotal), uint64_t{kClients});
}

TEST("loop board: long methods and URIs are cut") {
  BoardMemory memory;
  LoopFixture fixture(watched(memory));
  LoopClient client(fixture.port());
  const std::string uri = "/" + std::string(500, 'u');
  client.send("PROPFINDPROPFINDPROPFIND " + uri + " HTTP/1.1\r\nHost: a\r\n\r\n");
  fixture.request(0);
  const SeenEntry seen = read_in_flight(memory.loop()).front();
  EXPECT_EQ(seen.method, "PROPFINDPROPFIND");
  EXPECT_EQ(seen.uri, uri.substr(0, base::InFlightEntry::kUriBytes));
}

TEST("loop board: pipelined answers wait for their turn as written ones") {
  BoardMemory memory;
  LoopFixture fixture(watched(memory));
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + kGet);
  const Handle first = fixture.request(0);
  const Handle second = fixture.request(1);
  fixture.apply(Operations().respond(second, "2"));
  fixture.settle();
  EXPECT_EQ(read_in_flight(memory.loop()).size(), size_t{2});
  EXPECT_EQ(memory.loop().counters.in_flight.get(), uint64_t{1});
  fixture.apply(Operations().respond(first, "1"));
  EXPECT_TRUE(fixture.turn_until([&] { return read_in_flight(memory.loop()).empty(); }));
  EXPECT_EQ(counted(memory, Latency::kTotal), uint64_t{2});
}

TEST("loop board: a loop that comes late asks the kernel how long requests have waited") {
  BoardMemory memory;
  LoopFixture fixture(watched(memory));
  LoopClient client(fixture.port());
  client.send(kGet);
  const int64_t later = base::monotonic_us() + 60'000;
  while (base::monotonic_us() < later) std::this_thread::yield();
  fixture.apply(Operations().respond(fixture.request(0), "x"));
  fixture.settle();
  EXPECT_EQ(counted(memory, Latency::kKernel), uint64_t{1});
  EXPECT_TRUE(memory.loop().counters.kernel_us.get() >= 40'000);
}

TEST("loop board: another thread reads whole entries while a loop writes them") {
  BoardMemory memory;
  EchoServer server(watched(memory));
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> torn{0};
  std::thread reader([&] {
    while (!stop.load()) {
      for (const SeenEntry& seen : read_in_flight(memory.loop())) {
        const bool whole = seen.uri == "/" + std::string(seen.method.size() * 8, seen.method.front());
        if (!whole) torn.fetch_add(1);
      }
    }
  });
  RawClient client(server.port());
  constexpr size_t kRounds = 200;
  for (size_t round = 0; round < kRounds; ++round) {
    const std::string method(1 + round % 15, static_cast<char>('A' + round % 26));
    client.send(method + " /" + std::string(method.size() * 8, method.front()) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.read_answers(round + 1).size(), round + 1);
  }
  stop.store(true);
  reader.join();
  EXPECT_EQ(torn.load(), uint64_t{0});
  EXPECT_EQ(memory.loop().counters.requests.get(), uint64_t{kRounds});
}

}  // namespace
}  // namespace tsuwsgi::test
