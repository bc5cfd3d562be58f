// Connections that speak uwsgi: one request each, how its answer is framed, what ends them.
#include <memory>
#include <string>

#include "native/harness.h"
#include "native/packet.h"
#include "native/server/loop_fixture.h"

namespace tsuwsgi::test {
namespace {

using server::BodyKind;
using server::EventType;
using server::ServerOptions;

constexpr int64_t kShortMs = 80;

std::unique_ptr<LoopFixture> start(const ServerOptions& options = {}) {
  return std::make_unique<LoopFixture>(options, true, Protocol::uwsgi);
}

std::string get(std::string_view target = "/a") { return Packet(plain_vars(target)).bytes(); }

std::string with_var(std::string_view key, std::string_view value) {
  return Packet(plain_vars("/a")).var(key, value).bytes();
}

std::string post(std::string_view body, size_t declared) {
  return Packet(plain_vars("/a"))
             .var("REQUEST_METHOD", "POST")
             .var("CONTENT_LENGTH", std::to_string(declared))
             .bytes() +
         std::string(body);
}

/// Everything the client gets until the server closes.
std::string to_the_end(LoopFixture& fixture, LoopClient& client) {
  EXPECT_TRUE(fixture.turn_until([&] { return client.ended(); }));
  return client.received();
}

bool logged(const LoopFixture& fixture, std::string_view text) {
  for (const Event& event : fixture.events(EventType::kLog)) {
    if (event.body.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST("uwsgi: an answer of known length has its length, and nothing else is added") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get());
  fixture->apply(Operations().respond(fixture->request(0), "hello"));
  EXPECT_EQ(to_the_end(*fixture, client), "HTTP/1.1 200 OK\r\nX-Test: 1\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_FALSE(client.was_reset());
}

TEST("uwsgi: an answer of unknown length ends with its connection, never in chunks") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get());
  const Handle request = fixture->request(0);
  fixture->apply(Operations().begin(request).chunk(request, "one ").chunk(request, "two").end(request));
  EXPECT_EQ(to_the_end(*fixture, client), "HTTP/1.1 200 OK\r\nX-Test: 1\r\n\r\none two");
  EXPECT_FALSE(client.was_reset());
}

TEST("uwsgi: an answer of unknown length that cannot be completed is reset, so that it does not look complete") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get());
  const Handle request = fixture->request(0);
  fixture->apply(Operations().begin(request).chunk(request, "half"));
  EXPECT_TRUE(fixture->turn_until([&] { return client.has("half"); }));
  fixture->apply(Operations().abort(request));
  EXPECT_TRUE(fixture->turn_until([&] { return client.ended(); }));
  EXPECT_TRUE(client.was_reset());
}

TEST("uwsgi: the status line has the request's version, HTTP/1.0 where none is said") {
  const auto fixture = start();
  LoopClient old(fixture->port());
  old.send(with_var("SERVER_PROTOCOL", "HTTP/1.0"));
  fixture->apply(Operations().respond(fixture->request(0), ""));
  EXPECT_EQ(to_the_end(*fixture, old), "HTTP/1.0 200 OK\r\nX-Test: 1\r\nContent-Length: 0\r\n\r\n");
  LoopClient silent(fixture->port());
  silent.send(Packet({{"REQUEST_METHOD", "GET"}, {"PATH_INFO", "/"}}).bytes());
  fixture->apply(Operations().respond(fixture->request(1), ""));
  EXPECT_EQ(to_the_end(*fixture, silent).substr(0, 9), "HTTP/1.0 ");
  LoopClient newer(fixture->port());
  newer.send(with_var("SERVER_PROTOCOL", "HTTP/2.0"));
  fixture->apply(Operations().respond(fixture->request(2), ""));
  EXPECT_EQ(to_the_end(*fixture, newer).substr(0, 9), "HTTP/1.1 ");
}

TEST("uwsgi: HEAD, 204 and 304 have no body, HEAD the length of what it leaves out") {
  const auto fixture = start();
  LoopClient head(fixture->port());
  head.send(with_var("REQUEST_METHOD", "HEAD"));
  ResponseOptions declared;
  declared.declared = 42;
  fixture->apply(Operations().respond(fixture->request(0), "", declared));
  EXPECT_EQ(to_the_end(*fixture, head), "HTTP/1.1 200 OK\r\nX-Test: 1\r\nContent-Length: 42\r\n\r\n");
  uint32_t index = 1;
  for (const uint32_t status : {204u, 304u}) {
    LoopClient client(fixture->port());
    client.send(get());
    ResponseOptions options;
    options.status = status;
    fixture->apply(Operations().respond(fixture->request(index++), "", options));
    EXPECT_EQ(to_the_end(*fixture, client), "HTTP/1.1 " + std::to_string(status) + " OK\r\nX-Test: 1\r\n\r\n");
  }
}

TEST("uwsgi: an application's own Content-Length and Date stand once") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get());
  ResponseOptions options;
  options.head = "OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
  options.flags = server::kOpHasDate;
  options.declared = 3;
  const Handle request = fixture->request(0);
  fixture->apply(Operations().begin(request, options).chunk(request, "abc").end(request));
  EXPECT_EQ(to_the_end(*fixture, client),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 3\r\n\r\nabc");
}

TEST("uwsgi: a body comes by its length; what stands behind it is nobody's") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(post("hello", 5) + get("/second"));
  const Handle request = fixture->request(0);
  EXPECT_EQ(fixture->events(EventType::kRequest)[0].body, "hello");
  fixture->apply(Operations().respond(request, "once"));
  client.finish();
  EXPECT_EQ(to_the_end(*fixture, client), "HTTP/1.1 200 OK\r\nX-Test: 1\r\nContent-Length: 4\r\n\r\nonce");
  EXPECT_EQ(fixture->count(EventType::kRequest), size_t{1});
  EXPECT_FALSE(client.was_reset());
}

TEST("uwsgi: a second packet is not run, whenever it comes") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get("/first"));
  const Handle request = fixture->request(0);
  client.send(get("/second"));
  fixture->settle();
  fixture->apply(Operations().respond(request, "once"));
  client.finish();
  EXPECT_EQ(to_the_end(*fixture, client), "HTTP/1.1 200 OK\r\nX-Test: 1\r\nContent-Length: 4\r\n\r\nonce");
  EXPECT_EQ(fixture->count(EventType::kRequest), size_t{1});
}

TEST("uwsgi: bodies go to memory, to a file, or piece by piece to the application") {
  ServerOptions options;
  options.post_buffering_bytes = 10000;
  const auto fixture = start(options);
  LoopClient memory(fixture->port());
  LoopClient file(fixture->port());
  memory.send(post(std::string(9000, 'm'), 9000));
  const Handle first = fixture->request(0);
  file.send(post(std::string(30000, 'f'), 30000));
  const Handle second = fixture->request(1);
  EXPECT_TRUE(fixture->events(EventType::kRequest)[0].kind == BodyKind::kMemory);
  EXPECT_TRUE(fixture->events(EventType::kRequest)[1].kind == BodyKind::kFile);
  EXPECT_EQ(fixture->events(EventType::kRequest)[0].body, std::string(9000, 'm'));
  EXPECT_EQ(fixture->events(EventType::kRequest)[1].body, std::string(30000, 'f'));
  fixture->apply(Operations().respond(first, "1").respond(second, "2"));
  EXPECT_EQ(to_the_end(*fixture, memory).back(), '1');
  EXPECT_EQ(to_the_end(*fixture, file).back(), '2');
}

TEST("uwsgi: a streamed body waits for the application's credit") {
  ServerOptions options;
  options.post_buffering_bytes = 0;
  const auto fixture = start(options);
  LoopClient client(fixture->port());
  client.send(post("hello", 5));
  const Handle request = fixture->request(0);
  EXPECT_TRUE(fixture->events(EventType::kRequest)[0].kind == BodyKind::kStream);
  fixture->settle();
  EXPECT_EQ(fixture->count(EventType::kBody), size_t{0});
  fixture->apply(Operations().read_body(request, 100));
  EXPECT_TRUE(fixture->turn_until([&] { return fixture->count(EventType::kBodyEnd) == 1; }));
  EXPECT_EQ(fixture->events(EventType::kBody)[0].body, "hello");
  fixture->apply(Operations().respond(request, "ok"));
  EXPECT_EQ(to_the_end(*fixture, client).substr(0, 15), "HTTP/1.1 200 OK");
}

TEST("uwsgi: a body over the limit is answered, and the answer arrives while the rest is still sent") {
  ServerOptions options;
  options.request.body_bytes = 10;
  const auto fixture = start(options);
  LoopClient client(fixture->port());
  client.send(post(std::string(5000, 'x'), 1000000));
  EXPECT_TRUE(fixture->turn_until([&] { return client.has("HTTP/1.1 413 Content Too Large\r\n"); }));
  client.send(std::string(5000, 'x'));
  client.finish();
  EXPECT_EQ(to_the_end(*fixture, client),
            "HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\r\n"
            "Content Too Large\n");
  EXPECT_FALSE(client.was_reset());
}

TEST("uwsgi: HEAD over a limit has no body in its answer") {
  ServerOptions options;
  options.request.target_bytes = 5;
  const auto fixture = start(options);
  LoopClient client(fixture->port());
  client.send(Packet({{"REQUEST_METHOD", "HEAD"}, {"REQUEST_URI", "/123456"}}).bytes());
  client.finish();
  EXPECT_EQ(to_the_end(*fixture, client),
            "HTTP/1.1 414 URI Too Long\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n");
}

TEST("uwsgi: a body that stops is answered 408, one that ends early 400") {
  ServerOptions options;
  options.body_timeout_ms = kShortMs;
  const auto fixture = start(options);
  LoopClient slow(fixture->port());
  slow.send(post("abc", 10));
  EXPECT_TRUE(fixture->turn_until([&] { return slow.has("HTTP/1.1 408 "); }));
  LoopClient early(fixture->port());
  early.send(post("abc", 10));
  early.finish();
  EXPECT_EQ(to_the_end(*fixture, early).substr(0, 13), "HTTP/1.1 400 ");
  EXPECT_EQ(fixture->count(EventType::kRequest), size_t{0});
  EXPECT_EQ(fixture->counters().timeouts.get(), uint64_t{1});
}

TEST("uwsgi: too many that wait are told to come back") {
  ServerOptions options;
  options.on_js_thread = false;
  options.max_pending = 1;
  const auto fixture = start(options);
  fixture->shared().pending = 1;
  LoopClient client(fixture->port());
  client.send(get());
  EXPECT_EQ(
      to_the_end(*fixture, client),
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 1\r\nContent-Length: 20\r\n\r\n"
      "Service Unavailable\n");
  EXPECT_EQ(fixture->counters().rejected.get(), uint64_t{1});
  fixture->shared().pending = 0;
}

TEST("uwsgi: a ping is answered, whole or byte by byte, and is no request") {
  const auto fixture = start();
  const std::string ping("\x64\0\0\0", 4);
  LoopClient whole(fixture->port());
  whole.send(ping);
  EXPECT_EQ(to_the_end(*fixture, whole), std::string("\x64\0\0\1", 4));
  LoopClient slow(fixture->port());
  for (const char c : ping) {
    EXPECT_FALSE(slow.ended());
    slow.send(std::string(1, c));
    fixture->settle();
  }
  EXPECT_EQ(to_the_end(*fixture, slow), std::string("\x64\0\0\1", 4));
  EXPECT_FALSE(slow.was_reset());
  EXPECT_EQ(fixture->counters().requests.get(), uint64_t{0});
  EXPECT_EQ(fixture->count(EventType::kLog), size_t{0});
}

TEST("uwsgi: another modifier is refused by name, with the peer") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(Packet(plain_vars()).modifiers(9, 0).bytes());
  EXPECT_EQ(to_the_end(*fixture, client), "");
  EXPECT_EQ(fixture->count(EventType::kLog), size_t{1});
  EXPECT_TRUE(logged(*fixture, "modifier1 9 (CGI) is not served), connection closed, peer 127.0.0.1:"));
  LoopClient http(fixture->port());
  http.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(to_the_end(*fixture, http), "");
  EXPECT_TRUE(logged(*fixture, "modifier1 71 (an HTTP request?) is not served"));
  EXPECT_EQ(fixture->counters().bad_requests.get(), uint64_t{2});
}

TEST("uwsgi: the log names the variable that is to blame, not all of it") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(with_var("HTTP_X_BAD", std::string(1, '\0')));
  EXPECT_EQ(to_the_end(*fixture, client), "");
  EXPECT_TRUE(logged(*fixture, "invalid byte in the value of a variable, variable HTTP_X_BAD)"));
  LoopClient longer(fixture->port());
  longer.send(with_var(std::string(5000, 'K'), "\x01"));
  EXPECT_EQ(to_the_end(*fixture, longer), "");
  EXPECT_TRUE(logged(*fixture, "variable " + std::string(64, 'K') + ")"));
}

TEST("uwsgi: a packet that ends early has a record, a connection that says nothing has none") {
  const auto fixture = start();
  LoopClient nothing(fixture->port());
  nothing.finish();
  EXPECT_EQ(to_the_end(*fixture, nothing), "");
  EXPECT_EQ(fixture->count(EventType::kLog), size_t{0});
  for (const size_t size : {size_t{1}, size_t{3}, size_t{4}, size_t{50}, get().size() - 1}) {
    LoopClient client(fixture->port());
    client.send(get().substr(0, size));
    client.finish();
    EXPECT_EQ(to_the_end(*fixture, client), "");
  }
  EXPECT_EQ(fixture->count(EventType::kLog), size_t{5});
  EXPECT_TRUE(logged(*fixture, "the input ended inside the packet"));
  EXPECT_EQ(fixture->counters().bad_requests.get(), uint64_t{5});
  EXPECT_EQ(fixture->counters().timeouts.get(), uint64_t{0});
}

TEST("uwsgi: a packet that trickles ends after the header timeout, with a record") {
  ServerOptions options;
  options.header_timeout_ms = kShortMs;
  const auto fixture = start(options);
  LoopClient client(fixture->port());
  client.send(Packet(plain_vars()).bytes_with_size(30000));
  EXPECT_TRUE(fixture->turn_until([&] {
    client.send_some("x");
    return client.ended();
  }));
  EXPECT_EQ(client.received(), "");
  EXPECT_TRUE(logged(*fixture, "the packet did not arrive within --header-timeout"));
  EXPECT_EQ(fixture->counters().timeouts.get(), uint64_t{1});
}

TEST("uwsgi: a block as large as --buffer-size arrives in any pieces") {
  ServerOptions options;
  options.request.head_bytes = 20000;
  const auto fixture = start(options);
  Packet packet(plain_vars());
  const size_t room = options.request.head_bytes - (packet.bytes().size() - 4) - 4 - 8;
  const std::string bytes = packet.var("HTTP_BIG", std::string(room, 'b')).bytes();
  EXPECT_EQ(bytes.size(), size_t{20004});
  LoopClient client(fixture->port());
  for (size_t at = 0; at < bytes.size(); at += 1111) {
    client.send(bytes.substr(at, 1111));
    fixture->settle();
  }
  fixture->apply(Operations().respond(fixture->request(0), "fits"));
  EXPECT_EQ(to_the_end(*fixture, client).substr(0, 15), "HTTP/1.1 200 OK");
}

TEST("uwsgi: records about hostile packets are bounded") {
  const auto fixture = start();
  for (int i = 0; i < 40; ++i) {
    LoopClient client(fixture->port());
    client.send(Packet(plain_vars()).modifiers(200, 0).bytes());
    EXPECT_EQ(to_the_end(*fixture, client), "");
  }
  EXPECT_EQ(fixture->counters().bad_requests.get(), uint64_t{40});
  EXPECT_TRUE(fixture->count(EventType::kLog) <= 30);
}

TEST("uwsgi: a client that leaves aborts its request") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get());
  const Handle request = fixture->request(0);
  client.reset();
  EXPECT_TRUE(fixture->turn_until([&] { return fixture->count(EventType::kAborted) == 1; }));
  fixture->apply(Operations().respond(request, "late"));
  EXPECT_EQ(fixture->counters().stale_writes.get(), uint64_t{1});
}

TEST("uwsgi: a half-closed client gets its answer") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get());
  client.finish();
  fixture->apply(Operations().respond(fixture->request(0), "there"));
  EXPECT_EQ(to_the_end(*fixture, client), "HTTP/1.1 200 OK\r\nX-Test: 1\r\nContent-Length: 5\r\n\r\nthere");
}

TEST("uwsgi: a draining loop answers what runs and ends") {
  const auto fixture = start();
  LoopClient client(fixture->port());
  client.send(get());
  const Handle request = fixture->request(0);
  fixture->loop().command(server::IoLoop::Command::kDrain);
  fixture->settle();
  EXPECT_EQ(fixture->count(EventType::kDrained), size_t{0});
  fixture->apply(Operations().respond(request, "last"));
  EXPECT_EQ(to_the_end(*fixture, client), "HTTP/1.1 200 OK\r\nX-Test: 1\r\nContent-Length: 4\r\n\r\nlast");
  EXPECT_TRUE(fixture->turn_until([&] { return fixture->count(EventType::kDrained) == 1; }));
}

}  // namespace
}  // namespace tsuwsgi::test
