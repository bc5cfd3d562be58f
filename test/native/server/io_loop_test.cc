// The I/O loop over real sockets: the fixtures of heads and bodies once more, through everything between the socket and
// the application's records.
#include "server/io_loop.h"

#include <memory>
#include <string>
#include <utility>

#include "fuzz/mutate.h"
#include "fuzz/split.h"
#include "native/fixture_request.h"
#include "native/harness.h"
#include "native/random.h"
#include "native/server/echo_server.h"
#include "native/server/raw_client.h"

namespace tsuwsgi::test {
namespace {

constexpr uint64_t kLargestBody = 100000;

server::ServerOptions options_of(const FixtureFile& file) {
  server::ServerOptions options;
  options.request = limits_of(file);
  return options;
}

/// Most fixtures have no limits of their own and share a server.
class Servers {
 public:
  EchoServer& usual() { return usual_; }

  EchoServer& for_file(const FixtureFile& file) {
    for (const char* key : {"head-bytes", "target-bytes", "header-count", "body-bytes"}) {
      if (!file.has(key)) continue;
      special_ = std::make_unique<EchoServer>(options_of(file));
      return *special_;
    }
    return usual_;
  }

 private:
  EchoServer usual_{server::ServerOptions()};
  std::unique_ptr<EchoServer> special_;
};

/// A fixture's head with a body that fits it, and what the application has to see.
struct Exchange {
  std::string bytes;
  SeenRequest expected;
  bool keep_alive = true;
  bool usable = true;
};

Exchange exchange_of(const FixtureFile& file) {
  Exchange exchange;
  const std::string rest = file.get("rest", "");
  const std::string body = file.get("body", "none");
  exchange.bytes = file.bytes.substr(0, file.bytes.size() - rest.size());
  exchange.keep_alive = file.get("keep-alive", "yes") == "yes";
  if (body == "chunked") {
    exchange.bytes += "4;x=y\r\nbody\r\n0\r\nX-T: t\r\n\r\n";
    exchange.expected.body = "body";
  } else if (body != "none") {
    const uint64_t length = std::stoull(body.substr(body.find(' ')));
    exchange.usable = length <= kLargestBody;
    exchange.expected.body.assign(exchange.usable ? length : 0, 'b');
    exchange.bytes += exchange.expected.body;
  }
  exchange.expected.method = file.get("method", "");
  exchange.expected.target = file.get("target", "");
  if (file.get("form", "origin") == "absolute") {
    const std::string path = file.get("path", "");
    const std::string query = file.get("query", "");
    exchange.expected.target = (path.empty() ? "/" : path) + (query.empty() ? "" : "?" + query);
  }
  for (const FixtureLine& line : file.lines) {
    if (line.key != "env") continue;
    const size_t equals = line.value.find('=');
    exchange.expected.environ[line.value.substr(0, equals)] = line.value.substr(equals + 1);
  }
  return exchange;
}

void send_in_pieces(RawClient& client, std::string_view bytes, Random& random) {
  size_t begin = 0;
  for (const size_t end : at_random(bytes.size(), random)) {
    client.send(bytes.substr(begin, end - begin));
    begin = end;
  }
}

/// HEAD has an answer without a body; its head is all there is to compare.
void expect_answer(const Answer& answer, const Exchange& exchange) {
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, exchange.expected.text());
}

/// Sent again and again on one connection, so that the head cache learns it and then answers for the parser: nothing
/// may change by that.
TEST("io loop: every valid head reaches the application as its fixture says, parsed or remembered") {
  Servers servers;
  for (const FixtureFile& file : read_fixtures("heads/valid")) {
    const Context context(file.name);
    const Exchange exchange = exchange_of(file);
    if (!exchange.usable) continue;
    EchoServer& server = servers.for_file(file);
    std::unique_ptr<RawClient> client;
    for (int round = 0; round < 4; ++round) {
      if (client == nullptr || !exchange.keep_alive) client = std::make_unique<RawClient>(server.port());
      client->send(exchange.bytes);
      const std::vector<Answer> answers =
          client->read_answers(exchange.keep_alive ? static_cast<size_t>(round) + 1 : 1);
      EXPECT_FALSE(answers.empty());
      if (!answers.empty()) expect_answer(answers.back(), exchange);
    }
  }
  EXPECT_TRUE(servers.usual().template_hits() >= 50);
}

TEST("io loop: every invalid head is refused once, and nothing behind it is answered") {
  Servers servers;
  for (const FixtureFile& file : read_fixtures("heads/invalid")) {
    const Context context(file.name);
    RawClient client(servers.for_file(file).port());
    client.send(file.bytes);
    client.send("\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    client.finish();
    std::string_view rest;
    const std::string stream = client.read_all();
    const std::vector<Answer> answers = split_answers(stream, rest);
    EXPECT_EQ(answers.size(), size_t{1});
    EXPECT_EQ(rest, "");
    if (answers.empty()) continue;
    EXPECT_EQ(std::to_string(answers[0].status), file.get("refuse", "").substr(0, 3));
    EXPECT_TRUE(answers[0].has_line("Connection: close"));
  }
}

TEST("io loop: chunked bodies of the fixtures") {
  Servers servers;
  const std::string head = "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* directory : {"bodies/valid", "bodies/invalid"}) {
    for (const FixtureFile& file : read_fixtures(directory)) {
      const Context context(file.name);
      if (file.has("length") || file.has("more") || file.has("trailer-bytes")) continue;
      RawClient client(servers.for_file(file).port());
      client.send(head + file.bytes);
      client.finish();
      const std::vector<Answer> answers = client.read_answers(1);
      EXPECT_FALSE(answers.empty());
      if (answers.empty()) continue;
      if (file.has("refuse")) {
        EXPECT_EQ(std::to_string(answers[0].status), file.get("refuse", "").substr(0, 3));
      } else {
        EXPECT_EQ(answers[0].status, 200);
        EXPECT_EQ(answers[0].body.substr(answers[0].body.find("\n\n") + 2), file.get("data", ""));
      }
    }
  }
}

/// Requests that may follow one another on a connection.
std::vector<Exchange> pipelinable() {
  std::vector<Exchange> exchanges;
  for (const FixtureFile& file : read_fixtures("heads/valid")) {
    Exchange exchange = exchange_of(file);
    const bool limited = file.has("head-bytes") || file.has("target-bytes") || file.has("header-count");
    if (exchange.usable && exchange.keep_alive && !limited && file.get("expect-continue", "no") == "no") {
      exchanges.push_back(std::move(exchange));
    }
  }
  return exchanges;
}

TEST("io loop: random pipelines in random pieces are answered in order, each once") {
  EchoServer server{server::ServerOptions()};
  const std::vector<Exchange> exchanges = pipelinable();
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    std::string bytes;
    std::vector<const Exchange*> sent;
    const size_t few = 1 + random.below(4);  // of few kinds, so that they repeat
    for (size_t i = random.below(20); i < 20; ++i) {
      sent.push_back(&exchanges[(static_cast<size_t>(round) * 7 + random.below(few)) % exchanges.size()]);
      bytes += sent.back()->bytes;
    }
    RawClient client(server.port());
    send_in_pieces(client, bytes, random);
    client.finish();
    std::string_view rest;
    const std::string stream = client.read_all();
    const std::vector<Answer> answers = split_answers(stream, rest);
    EXPECT_EQ(rest, "");
    EXPECT_EQ(answers.size(), sent.size());
    for (size_t i = 0; i < std::min(answers.size(), sent.size()); ++i) expect_answer(answers[i], *sent[i]);
  }
}

/// Everything the server sends, without what depends on the time.
std::string answers_to(const EchoServer& server, std::string_view bytes, const Splits& splits) {
  RawClient client(server.port());
  size_t begin = 0;
  for (const size_t end : splits) {
    client.send(bytes.substr(begin, end - begin));
    begin = end;
  }
  client.finish();
  std::string stream = client.read_all();
  for (size_t at = 0; (at = stream.find("Date: ", at)) != std::string::npos;) stream.erase(at, 37);
  return stream;
}

TEST("io loop: how bytes arrive never changes what is answered") {
  const EchoServer server{server::ServerOptions()};
  const std::vector<Exchange> exchanges = pipelinable();
  Random random(13);
  for (int round = 0; round < 1000; ++round) {
    std::string bytes;
    for (size_t i = 1 + random.below(4); i > 0; --i) bytes += exchanges[random.below(exchanges.size())].bytes;
    bytes.resize(std::min<size_t>(bytes.size(), 3000));
    for (size_t i = 1 + random.below(2); i > 0; --i) mutate(bytes, random);
    const Context context(show(bytes));
    const std::string expected = answers_to(server, bytes, whole(bytes.size()));
    EXPECT_TRUE(expected.find(kTimedOut) == std::string::npos);
    EXPECT_EQ(answers_to(server, bytes, at_random(bytes.size(), random)), expected);
  }
}

TEST("io loop: a refusal comes behind the answers to what was right before it") {
  EchoServer server{server::ServerOptions()};
  const std::string good = "GET /good HTTP/1.1\r\nHost: a\r\n\r\n";
  Random random(5);
  for (int round = 0; round < 20; ++round) {
    const size_t before = random.below(6);
    std::string bytes;
    for (size_t i = 0; i < before; ++i) bytes += good;
    RawClient client(server.port());
    send_in_pieces(client, bytes + "GET /bad HTTP/1.1\r\nHost : a\r\n\r\n" + good, random);
    client.finish();
    std::string_view rest;
    const std::string stream = client.read_all();
    const std::vector<Answer> answers = split_answers(stream, rest);
    EXPECT_EQ(answers.size(), before + 1);
    for (size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].status, i < before ? 200 : 400);
  }
}

/// RFC 9112 section 9.6.
TEST("io loop: nothing is run behind a request that closes") {
  EchoServer server{server::ServerOptions()};
  for (const char* closing :
       {"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /last HTTP/1.0\r\n\r\n",
        "POST /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"}) {
    const uint64_t before = server.counters().requests.get();
    RawClient client(server.port());
    client.send(std::string("GET /first HTTP/1.1\r\nHost: a\r\n\r\n") + closing +
                "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    client.finish();
    std::string_view rest;
    const std::string stream = client.read_all();
    EXPECT_EQ(split_answers(stream, rest).size(), size_t{2});
    EXPECT_EQ(server.counters().requests.get() - before, uint64_t{2});
  }
}

TEST("io loop: bodies of every size and place arrive whole") {
  server::ServerOptions options;
  options.post_buffering_bytes = 20000;
  EchoServer server(options);
  Random random(9);
  for (const size_t size : {size_t{1}, size_t{4096}, size_t{4097}, size_t{19999}, size_t{20001}, size_t{300000}}) {
    std::string body(size, ' ');
    for (char& c : body) c = random.byte();
    RawClient client(server.port());
    client.send("POST /l HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + body);
    std::string chunked = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < size;) {
      const std::string piece = body.substr(at, 1 + random.below(size));
      char head[20];
      std::snprintf(head, sizeof head, "%zx\r\n", piece.size());
      chunked += head + piece + "\r\n";
      at += piece.size();
    }
    client.send(chunked + "0\r\n\r\n");
    const std::vector<Answer> answers = client.read_answers(2);
    EXPECT_EQ(answers.size(), size_t{2});
    for (const Answer& answer : answers) EXPECT_TRUE(answer.body.substr(answer.body.find("\n\n") + 2) == body);
  }
}

TEST("io loop: many connections at once, from several threads") {
  EchoServer server{server::ServerOptions()};
  std::atomic<size_t> right{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&server, &right, thread] {
      for (int i = 0; i < 50; ++i) {
        const std::string target = "/" + std::to_string(thread) + "-" + std::to_string(i);
        RawClient client(server.port());
        client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::vector<Answer> answers = client.read_answers(1);
        if (answers.size() == 1 && answers[0].body == "GET " + target + "\nHTTP_HOST=a\n\n") ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right.load(), size_t{200});
}

TEST("io loop: stopping cuts connections at every stage") {
  for (const char* begun : {"", "GET /a HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
                            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                            "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    auto server = std::make_unique<EchoServer>(server::ServerOptions());
    RawClient client(server->port());
    client.send(begun);
    server.reset();
    client.read_all();  // ends
  }
}

}  // namespace
}  // namespace tsuwsgi::test
