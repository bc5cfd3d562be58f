// Requests and answers over one connection: order, framing, continuation, half-closed clients.
#include <string>

#include "native/harness.h"
#include "native/server/loop_fixture.h"

namespace tsuwsgi::test {
namespace {

using server::BodyKind;
using server::EventType;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

server::ServerOptions streaming() {
  server::ServerOptions options;
  options.post_buffering_bytes = 0;
  return options;
}

TEST("exchange: a connection is kept and used again, answered from inside the delivery") {
  LoopFixture fixture;
  fixture.on_event = [&](const Event& event) {
    if (event.type == EventType::kRequest) fixture.apply(Operations().respond(event.request, "hello"));
  };
  LoopClient client(fixture.port());
  for (size_t i = 1; i <= 5; ++i) {
    client.send(kGet);
    EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().requests.get() == i; }));
    fixture.settle();
  }
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("hello"); }));
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(fixture.counters().accepted.get(), uint64_t{1});
  EXPECT_EQ(fixture.counters().in_flight.get(), uint64_t{0});
}

TEST("exchange: pipelined answers leave in the order of their requests") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + kGet + kGet);
  const Handle third = fixture.request(2);
  const Handle first = fixture.request(0);
  const Handle second = fixture.request(1);
  fixture.apply(Operations().respond(third, "-3-"));
  fixture.apply(Operations().begin(second).chunk(second, "-2-"));
  fixture.settle();
  EXPECT_FALSE(client.has("HTTP"));
  fixture.apply(Operations().respond(first, "-1-"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("-2-"); }));
  EXPECT_FALSE(client.has("-3-"));
  fixture.apply(Operations().end(second));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("-3-"); }));
  EXPECT_TRUE(client.received().find("-1-") < client.received().find("-2-"));
  EXPECT_TRUE(client.received().find("0\r\n\r\nHTTP/1.1 200") != std::string::npos);
}

TEST("exchange: a POST waits for the answers before it") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" + kGet);
  const Handle get = fixture.request(0);
  fixture.settle();
  EXPECT_EQ(fixture.count(EventType::kRequest), size_t{1});
  fixture.apply(Operations().respond(get, "1"));
  const Handle post = fixture.request(1);
  EXPECT_EQ(fixture.events(EventType::kRequest)[1].body, "hi");
  fixture.settle();
  EXPECT_EQ(fixture.count(EventType::kRequest), size_t{2});
  fixture.apply(Operations().respond(post, "2"));
  fixture.apply(Operations().respond(fixture.request(2), "3"));
}

TEST("exchange: bodies come inline, as memory, as a file") {
  server::ServerOptions options;
  options.post_buffering_bytes = 10000;
  LoopFixture fixture(options);
  const struct {
    size_t size;
    BodyKind kind;
  } cases[] = {
      {4096, BodyKind::kInline}, {4097, BodyKind::kMemory}, {10000, BodyKind::kMemory}, {10001, BodyKind::kFile}};
  LoopClient client(fixture.port());
  for (size_t i = 0; i < 4; ++i) {
    const std::string body(cases[i].size, static_cast<char>('a' + i));
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    fixture.apply(Operations().respond(fixture.request(i), ""));
    const Event event = fixture.events(EventType::kRequest)[i];
    EXPECT_TRUE(event.kind == cases[i].kind);
    EXPECT_TRUE(event.body == body);
  }
}

TEST("exchange: over --body-memory a body goes to a file, and its memory is given back") {
  server::ServerOptions options;
  options.body_memory_bytes = 6000;
  LoopFixture fixture(options);
  LoopClient client(fixture.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n" + std::string(5000, 'x'));
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.shared().body_memory.load() == 5000; }));
  client.send(std::string(4000, 'y'));
  fixture.request(0);
  EXPECT_TRUE(fixture.events(EventType::kRequest)[0].kind == BodyKind::kFile);
  EXPECT_EQ(fixture.shared().body_memory.load(), uint64_t{0});
}

TEST("exchange: a body counts against --body-memory until the application takes it") {
  server::ServerOptions options;
  options.body_memory_bytes = 12000;
  LoopFixture fixture(options);
  std::vector<std::unique_ptr<server::HeldBody>> waiting;
  fixture.on_body = [&](std::unique_ptr<server::HeldBody> body) { waiting.push_back(std::move(body)); };
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000\r\n\r\n" + std::string(8000, 'x');
  LoopClient client(fixture.port());
  const auto kind_of_next = [&](size_t index) {
    client.send(post);
    fixture.apply(Operations().respond(fixture.request(index), ""));
    return fixture.events(EventType::kRequest)[index].kind;
  };
  EXPECT_TRUE(kind_of_next(0) == BodyKind::kMemory);
  EXPECT_EQ(fixture.shared().body_memory.load(), uint64_t{8000});
  EXPECT_TRUE(kind_of_next(1) == BodyKind::kFile);
  EXPECT_EQ(waiting[0]->take(), std::string(8000, 'x'));
  EXPECT_TRUE(kind_of_next(2) == BodyKind::kMemory);
  waiting.clear();
}

TEST("exchange: 100 Continue is sent to whom waits for it, behind the answers before") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("HTTP/1.1 100 Continue\r\n\r\n"); }));
  client.send("ok");
  fixture.apply(Operations().respond(fixture.request(0), "done"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("done"); }));
  EXPECT_TRUE(client.received().find("100 Continue") == client.received().rfind("100 Continue"));
}

TEST("exchange: no 100 Continue in the middle of an answer that came early") {
  LoopFixture fixture(streaming());
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + "GET /b HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const Handle second = fixture.request(1);
  fixture.apply(Operations().begin(second).chunk(second, "part"));
  fixture.apply(Operations().respond(fixture.request(0), "one"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("part"); }));
  fixture.settle();
  client.receive();
  EXPECT_EQ(client.received().find("100 Continue"), std::string::npos);
}

TEST("exchange: a streamed body comes by credit, its end is told") {
  LoopFixture fixture(streaming());
  LoopClient client(fixture.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  const Handle request = fixture.request(0);
  EXPECT_TRUE(fixture.events(EventType::kRequest)[0].kind == BodyKind::kStream);
  fixture.settle();
  EXPECT_EQ(fixture.count(EventType::kBody), size_t{0});
  fixture.apply(Operations().read_body(request, 100));
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.count(EventType::kBody) == 1; }));
  client.send("56789");
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.count(EventType::kBodyEnd) == 1; }));
  std::string body;
  for (const Event& event : fixture.events(EventType::kBody)) body += event.body;
  EXPECT_EQ(body, "0123456789");
  fixture.apply(Operations().respond(request, "ok"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("ok"); }));
  EXPECT_FALSE(client.ended());
}

TEST("exchange: pieces of a streamed body fit the inbox however large the head may be") {
  server::ServerOptions options = streaming();
  options.request.head_bytes = 1 << 20;
  LoopFixture fixture(options);
  LoopClient client(fixture.port());
  client.send(kGet);
  const Handle get = fixture.request(0);
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + std::string(900000, 'x');
  std::string_view rest = bytes;
  EXPECT_TRUE(fixture.turn_until([&] {
    rest.remove_prefix(client.send_some(rest));
    return rest.empty();
  }));
  fixture.settle();
  fixture.apply(Operations().respond(get, ""));
  fixture.apply(Operations().read_body(fixture.request(1), 1 << 20));
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.count(EventType::kBodyEnd) == 1; }));
  for (const Event& event : fixture.events(EventType::kBody)) EXPECT_TRUE(event.body.size() <= 65536);
}

TEST("exchange: an answer before the body was read arrives, then the connection ends") {
  LoopFixture fixture(streaming());
  LoopClient client(fixture.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(1000, 'x'));
  fixture.apply(Operations().respond(fixture.request(0), "early"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("early"); }));
  client.send_some(std::string(50000, 'y'));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_FALSE(client.was_reset());
  EXPECT_TRUE(client.has("Connection: close\r\n"));
}

TEST("exchange: a half-closed client gets its answer and then the end") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(kGet);
  client.finish();
  const Handle request = fixture.request(0);
  fixture.settle();
  EXPECT_FALSE(client.ended());
  fixture.apply(Operations().respond(request, "answer"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.has("answer"));
}

TEST("exchange: a half-closed client that takes a large answer slowly gets the end too") {
  LoopFixture fixture;
  LoopClient client(fixture.port(), 4096);
  client.send(kGet);
  client.finish();
  fixture.apply(Operations().respond(fixture.request(0), std::string(3 << 20, 'x')));
  EXPECT_TRUE(fixture.turn_until([&] {
    client.receive(30000);
    return client.received().size() > (3u << 20);
  }));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
}

TEST("exchange: a half-close right behind an answer does not lose the request that waited for it") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  const Handle first = fixture.request(0);
  fixture.settle();
  fixture.apply(Operations().respond(first, "one"));
  client.finish();  // the loop hears of it before it goes on with what it has read
  fixture.apply(Operations().respond(fixture.request(1), "two"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.has("one"));
  EXPECT_TRUE(client.has("two"));
}

TEST("exchange: a body cut short by a half-close ends the connection, also behind a running request") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  client.finish();
  fixture.apply(Operations().respond(fixture.request(0), "one"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.has("one"));
  EXPECT_EQ(fixture.count(EventType::kRequest), size_t{1});
}

TEST("exchange: a client that is gone aborts its requests, also after a half-close") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(kGet);
  client.finish();
  const Handle request = fixture.request(0);
  fixture.settle();
  client.reset();
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.count(EventType::kAborted) == 1; }));
  EXPECT_EQ(fixture.events(EventType::kAborted)[0].request.slot, request.slot);
  EXPECT_TRUE(fixture.turn_until([&] { return fixture.counters().connections.get() == 0; }));
}

TEST("exchange: HTTP/1.0 is closed behind its answer; a streamed one ends with the connection") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send("GET / HTTP/1.0\r\n\r\n");
  const Handle request = fixture.request(0);
  fixture.apply(Operations().begin(request).chunk(request, "all of it").end(request));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_FALSE(client.was_reset());
  EXPECT_TRUE(client.has("\r\n\r\nall of it"));
  EXPECT_EQ(client.received().find("chunked"), std::string::npos);
}

TEST("exchange: an unfinished answer that ends with the connection is cut visibly") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send("GET / HTTP/1.0\r\n\r\n");
  const Handle request = fixture.request(0);
  fixture.apply(Operations().begin(request).chunk(request, "a part"));
  fixture.apply(Operations().abort(request));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.was_reset());
}

TEST("exchange: HEAD, 204 and 304 have no body, and the connection goes on") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  fixture.apply(Operations().respond(fixture.request(0), "five!"));
  uint32_t index = 0;
  for (const uint32_t status : {204u, 304u}) {
    client.send(kGet);
    ResponseOptions options;
    options.status = status;
    const Handle request = fixture.request(++index);
    fixture.apply(Operations().begin(request, options).chunk(request, "left out").end(request));
  }
  client.send(kGet);
  fixture.apply(Operations().respond(fixture.request(3), "last"));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("last"); }));
  EXPECT_TRUE(client.has("Content-Length: 5\r\n"));
  EXPECT_EQ(client.received().find("five!"), std::string::npos);
  EXPECT_EQ(client.received().find("left out"), std::string::npos);
}

TEST("exchange: a defined head is used by its number") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  ResponseOptions stored;
  stored.status = 201;
  stored.head = "Created\r\nX-Stored: yes\r\n";
  fixture.apply(Operations().define_head(7, stored));
  client.send(kGet);
  const Handle request = fixture.request(0);
  ResponseOptions known;
  known.head_id = 7;
  fixture.apply(Operations().respond(request, "body", known));
  EXPECT_TRUE(fixture.turn_until([&] { return client.has("HTTP/1.1 201 Created\r\nX-Stored: yes\r\n"); }));
}

TEST("exchange: an answer whose head number is unknown cuts the connection, and what was answered before arrives") {
  LoopFixture fixture;
  LoopClient client(fixture.port());
  client.send(std::string(kGet) + kGet);
  const Handle first = fixture.request(0);
  const Handle second = fixture.request(1);
  ResponseOptions unknown;
  unknown.head_id = 8;
  fixture.apply(Operations().respond(first, "first").respond(second, "second", unknown).end(second));
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.has("first"));
  EXPECT_EQ(client.received().find("second"), std::string::npos);
  EXPECT_EQ(fixture.counters().in_flight.get(), uint64_t{0});
}

}  // namespace
}  // namespace tsuwsgi::test
