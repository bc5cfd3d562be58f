// The fixtures of uwsgi packets over real sockets: through everything between the socket and the application's records.
#include <memory>
#include <string>

#include "fuzz/mutate.h"
#include "fuzz/split.h"
#include "native/fixture_request.h"
#include "native/harness.h"
#include "native/packet.h"
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

SeenRequest expected_of(const FixtureFile& file) {
  SeenRequest expected;
  expected.method = file.get("method", "?");
  expected.target = file.get("target", "?");
  expected.body = file.get("rest", "").substr(0, std::stoull(file.get("body", "0")));
  for (const FixtureLine& line : file.lines) {
    if (line.key != "env") continue;
    const size_t equals = line.value.find('=');
    expected.environ[line.value.substr(0, equals)] = line.value.substr(equals + 1);
  }
  return expected;
}

/// HEAD gets the length of what GET would have had.
std::string answer_to(const FixtureFile& file) {
  const SeenRequest expected = expected_of(file);
  const std::string body = expected.text();
  const std::string length = expected.method == "HEAD" ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return "HTTP/" + file.get("version", "?") + " 200 OK\r\nContent-Type: text/plain\r\n" + length + "\r\n" +
         (expected.method == "HEAD" ? "" : body);
}

void send_in_pieces(RawClient& client, std::string_view bytes, Random& random) {
  size_t begin = 0;
  for (const size_t end : at_random(bytes.size(), random)) {
    client.send(bytes.substr(begin, end - begin));
    begin = end;
  }
}

TEST("packets: every valid one reaches the application as its fixture says, whole and in pieces") {
  for (const FixtureFile& file : read_fixtures("packets/valid", "uwsgi")) {
    const Context context(file.name);
    if (file.get("packet", "") != "request" || std::stoull(file.get("body", "0")) > kLargestBody) continue;
    EchoServer server(options_of(file), Protocol::uwsgi);
    Random random(7);
    for (int round = 0; round < 3; ++round) {
      RawClient client(server.port());
      round == 0 ? client.send(packet_of(file)) : send_in_pieces(client, packet_of(file), random);
      // HEAD's body is left out by JavaScript: here only its head is looked at.
      const std::string stream = client.read_all();
      if (file.get("method", "") == "HEAD") {
        EXPECT_EQ(stream.substr(0, 12), answer_to(file).substr(0, 12));
      } else {
        EXPECT_EQ(stream, answer_to(file));
      }
    }
    EXPECT_EQ(server.counters().requests.get(), uint64_t{3});
    EXPECT_EQ(server.counters().bad_requests.get(), uint64_t{0});
  }
}

bool is_answered(const std::string& status) { return status == "413" || status == "414" || status == "431"; }

TEST("packets: every invalid one ends its connection, counted; what only is too large is told so") {
  for (const FixtureFile& file : read_fixtures("packets/invalid", "uwsgi")) {
    const Context context(file.name);
    EchoServer server(options_of(file), Protocol::uwsgi);
    RawClient client(server.port());
    client.send(packet_of(file));
    client.send(Packet(plain_vars()).bytes());
    client.finish();
    const std::string status = file.get("refuse", "").substr(0, 3);
    const std::string stream = client.read_all();
    EXPECT_EQ(stream.substr(0, 13), is_answered(status) ? "HTTP/1.1 " + status + ' ' : std::string());
    EXPECT_EQ(server.counters().bad_requests.get(), uint64_t{1});
    EXPECT_EQ(server.counters().requests.get(), uint64_t{0});
  }
}

/// Whatever comes: the connection ends when the client has nothing more to say, and the next one is served.
TEST("packets: mutated ones never hang a connection or stop the server") {
  EchoServer server(server::ServerOptions(), Protocol::uwsgi);
  Random random(23);
  for (const char* directory : {"packets/valid", "packets/invalid"}) {
    for (const FixtureFile& file : read_fixtures(directory, "uwsgi")) {
      const Context context(file.name);
      std::string bytes = packet_of(file);
      for (size_t n = 1 + random.below(4); n > 0; --n) mutate(bytes, random);
      RawClient client(server.port());
      send_in_pieces(client, bytes, random);
      client.finish();
      EXPECT_TRUE(client.read_all().find(kTimedOut) == std::string::npos);
    }
  }
  RawClient client(server.port());
  client.send(Packet(plain_vars("/still-there")).bytes());
  EXPECT_TRUE(client.read_all().find("GET /still-there\n") != std::string::npos);
}

}  // namespace
}  // namespace tsuwsgi::test
