// How responses end, and that what they were lent comes back once: ids, descriptors, WRITABLE.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "native/harness.h"
#include "native/random.h"
#include "native/server/loop_fixture.h"
#include "server/body_spool.h"

namespace tsuwsgi::test {
namespace {

using server::EventType;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

int file_of(std::string_view content) {
  base::UniqueFd file = server::open_spool("/tmp");
  server::append_to_spool(file.get(), content);
  return file.release();
}

TEST("response end: an answer that is cut after the client has gone") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const Handle handle = fixture.request(0);
  client.reset();
  Operations operations;
  fixture.apply(operations.begin(handle).chunk(handle, "begun").abort(handle));
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().connections.get() == 0; }));
}

TEST("response end: lent memory is sent and comes back, once") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(kGet);
  const Handle request = fixture.request(0);
  const std::string lent(100000, 'l');
  ResponseOptions options;
  options.declared = 2 * lent.size();
  fixture.apply(Operations()
                    .begin(request, options)
                    .lend(request, 5, lent.data(), lent.size())
                    .lend(request, 6, lent.data(), lent.size())
                    .end(request));
  EXPECT_TRUE(fixture.turn_until([&] {
    client.receive();
    return client.received().size() > 2 * lent.size() && fixture.released().size() == 2;
  }));
  EXPECT_TRUE(fixture.released() == (std::vector<uint32_t>{5, 6}));
}

TEST("response end: lent memory comes back when the client is gone, the operation stale, the body unwanted") {
  LoopFixture fixture;
  const std::string lent(8 << 20, 'l');
  LoopClient client(fixture.port(), 4096);
  client.send(std::string(kGet) + kGet);
  const Handle first = fixture.request(0);
  const Handle second = fixture.request(1);
  fixture.apply(Operations().begin(first).lend(first, 1, lent.data(), lent.size()));
  fixture.apply(Operations().begin(second).lend(second, 2, lent.data(), lent.size()));
  EXPECT_TRUE(fixture.released().empty());
  client.reset();
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.released().size() == 2; }));
  fixture.apply(Operations().lend(first, 3, lent.data(), lent.size()));
  EXPECT_EQ(fixture.counters().stale_writes.get(), uint64_t{1});
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.released().size() == 3; }));

  LoopClient head(fixture.port());
  head.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const Handle third = fixture.request(2);
  fixture.apply(Operations().begin(third).lend(third, 4, lent.data(), lent.size()).end(third));
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.released().size() == 4; }));
  std::vector<uint32_t> ids = fixture.released();
  std::sort(ids.begin(), ids.end());
  EXPECT_TRUE(ids == (std::vector<uint32_t>{1, 2, 3, 4}));
}

TEST("response end: files are sent from their offset and closed") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + kGet);
  const Handle first = fixture.request(0);
  const Handle second = fixture.request(1);
  ResponseOptions options;
  options.declared = 6;
  fixture.apply(Operations().begin(second).file(second, file_of("0123456789"), 7, 3).end(second));
  fixture.apply(Operations().begin(first, options).file(first, file_of("abcdefghij"), 2, 6).end(first));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("\r\n\r\n3\r\n789\r\n0\r\n\r\n"); }));
  EXPECT_TRUE(client.has("\r\n\r\ncdefghHTTP/1.1"));
}

TEST("response end: a file shorter than promised cuts the connection") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(kGet);
  const Handle request = fixture.request(0);
  ResponseOptions options;
  options.declared = 50;
  fixture.apply(Operations().begin(request, options).file(request, file_of("only this"), 0, 50).end(request));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.has("only this"));
}

TEST("response end: a writer that stops at the high-water mark is told to go on, in its turn") {
  LoopFixture fixture;
  LoopClient client(fixture.port(), 4096);
  client.send(std::string(kGet) + kGet);
  const Handle first = fixture.request(0);
  const Handle second = fixture.request(1);
  const std::string full(server::kHighWaterBytes, 'x');
  fixture.apply(Operations().begin(second).chunk(second, full));
  fixture.settle();
  EXPECT_EQ(fixture.count(EventType::kWritable), size_t{0});
  fixture.apply(Operations().begin(first));
  size_t rounds = 0;
  while (rounds < 60) {  // as long as the kernel's buffers take it at once and well beyond
    fixture.apply(Operations().chunk(first, full));
    ++rounds;
    const bool told = fixture.turn_until([&] {
      client.receive(20000);
      return fixture.count(EventType::kWritable) == rounds;
    });
    EXPECT_TRUE(told);
    if (!told) break;
  }
  fixture.apply(Operations().end(first));
  EXPECT_TRUE(fixture.turn_until([&] {
    client.receive(20000);
    return fixture.count(EventType::kWritable) == rounds + 1;
  }));
  EXPECT_EQ(fixture.events(EventType::kWritable).back().request.slot, second.slot);
}

TEST("response end: more than the promised length is left out, less cuts the connection") {
  LoopFixture fixture;
  ResponseOptions options;
  options.declared = 4;
  LoopClient more(fixture.port());
  more.send(kGet);
  const Handle first = fixture.request(0);
  fixture.apply(Operations().begin(first, options).chunk(first, "12345678").end(first));
  EXPECT_TRUE(fixture.turn_until([&] { return more.ended(); }));
  EXPECT_TRUE(more.has("\r\n\r\n1234"));
  EXPECT_FALSE(more.has("12345"));
  LoopClient less(fixture.port());
  less.send(kGet);
  const Handle second = fixture.request(1);
  fixture.apply(Operations().begin(second, options).chunk(second, "12").end(second));
  EXPECT_TRUE(fixture.turn_until([&] { return less.ended(); }));
  EXPECT_EQ(fixture.count(EventType::kLog), size_t{2});
}

TEST("response end: operations for slots that are gone, or not there yet, are counted and change nothing") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(kGet);
  const Handle request = fixture.request(0);
  const Handle strangers[] = {{request.slot, request.generation + 1}, {request.slot + 1, 1}, {0x00FFFFFF, 0}};
  for (const Handle& stranger : strangers) {
    fixture.apply(Operations()
                      .respond(stranger, "no")
                      .chunk(stranger, "no")
                      .file(stranger, file_of("no"), 0, 2)
                      .end(stranger)
                      .abort(stranger)
                      .read_body(stranger, 1));
  }
  EXPECT_EQ(fixture.counters().stale_writes.get(), uint64_t{18});
  fixture.apply(Operations().respond(request, "yes"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("yes"); }));
  fixture.apply(Operations().respond(request, "again"));
  EXPECT_EQ(fixture.counters().stale_writes.get(), uint64_t{19});
}

TEST("response end: stopping while requests run gives everything back") {
  const std::string lent(1 << 20, 'l');
  LoopFixture fixture;
  LoopClient slow(fixture.port(), 4096);
  slow.send(std::string(kGet) + kGet);
  const Handle first = fixture.request(0);
  const Handle second = fixture.request(1);
  fixture.apply(
      Operations().begin(first).lend(first, 1, lent.data(), lent.size()).file(first, file_of(lent), 0, 1 << 20));
  fixture.apply(Operations().begin(second).file(second, file_of(lent), 0, 1 << 20));
  LoopClient body(fixture.port());
  body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n" + std::string(20000, 'b'));
  LoopClient head(fixture.port());
  head.send("POST / HTT");
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.shared().body_memory.load() == 20000; }));
  // A memory body and a file body nobody has taken from the loop's queue of operations and events.
  Operations posted;
  posted.file(second, file_of("posted, never applied"), 0, 3);
  fixture.loop().post(posted.data(), posted.size());
  fixture.stop();
}

/// Whatever shape the operations have and whomever they name: no crash, no leak (the fixture checks descriptors, ids
/// and counters).
TEST("response end: random operations") {
  static const std::string lent(200000, 'l');
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const Context context("seed " + std::to_string(seed));
    Random random(seed);
    server::ServerOptions options;
    options.post_buffering_bytes = seed % 2 == 0 ? 0 : 1000;
    uint32_t lent_count = 0;
    std::vector<uint32_t> released;
    {
      LoopFixture fixture(options);
      std::vector<std::unique_ptr<LoopClient>> clients;
      for (int i = 0; i < 4; ++i)
        clients.push_back(std::make_unique<LoopClient>(fixture.port(), i % 2 == 0 ? 0 : 4096));
      std::vector<Handle> handles;
      fixture.on_event = [&](const Event& event) {
        if (event.type == EventType::kRequest) handles.push_back(event.request);
      };
      for (int step = 0; step < 120; ++step) {
        std::unique_ptr<LoopClient>& client = clients[random.below(clients.size())];
        switch (random.below(9)) {
          case 0:
          case 1:
            client->send_some(random.below(2) == 0 ? kGet : "HEAD /h HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            break;
          case 2:
            client->send_some("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");
            break;
          case 3:
            client->send_some(random.below(4) == 0 ? "bad" : "0\r\n\r\n");
            break;
          case 4:
            client->receive(random.below(50000));
            break;
          case 5:
            if (random.below(3) != 0) break;
            client->reset();
            client = std::make_unique<LoopClient>(fixture.port());
            break;
          default:
            break;
        }
        fixture.loop().turn(0);
        if (handles.empty()) continue;
        Operations operations;
        for (size_t i = random.below(5); i > 0; --i) {
          Handle handle = handles[handles.size() - 1 - random.below(std::min<size_t>(handles.size(), 6))];
          if (random.below(20) == 0) handle.generation += static_cast<uint32_t>(random.below(3));
          ResponseOptions response;
          response.flags = static_cast<uint32_t>(random.below(4));
          if (random.below(3) == 0) response.declared = random.below(100000);
          if (random.below(6) == 0) response.status = 304;
          switch (random.below(8)) {
            case 0:
              operations.respond(handle, std::string(random.below(9000), 'r'), response);
              break;
            case 1:
            case 2:
              operations.begin(handle, response);
              break;
            case 3:
              operations.chunk(handle, std::string(random.below(90000), 'c'));
              break;
            case 4:
              operations.lend(handle, ++lent_count, lent.data(), random.below(lent.size()));
              break;
            case 5:
              operations.file(handle, file_of(lent.substr(0, random.below(5000))), random.below(10),
                              random.below(5000));
              break;
            case 6:
              operations.end(handle);
              break;
            default:
              random.below(4) == 0 ? operations.abort(handle) : operations.read_body(handle, 3);
          }
        }
        if (random.below(2) == 0) {
          fixture.apply(operations);
        } else {
          fixture.loop().post(operations.data(), operations.size());
        }
      }
      fixture.settle();
      for (std::unique_ptr<LoopClient>& client : clients) client->reset();
      EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().connections.get() == 0; }));
      released = fixture.released();
    }
    std::sort(released.begin(), released.end());
    EXPECT_EQ(released.size(), size_t{lent_count});
    EXPECT_TRUE(std::adjacent_find(released.begin(), released.end()) == released.end());
  }
}

}  // namespace
}  // namespace tsuwsgi::test
