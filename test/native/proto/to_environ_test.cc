// Most of append_environ is covered by the fixtures of heads; here is what they cannot say.
#include "proto/http1/to_environ.h"

#include <map>
#include <string>

#include "fuzz/head_run.h"
#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using proto::EnvironBlock;
using Environ = std::map<std::string, std::string>;

Environ read_block(const EnvironBlock& block, size_t first_pair) {
  Environ environ;
  for (size_t i = first_pair; i < block.pairs.size(); ++i) {
    const proto::EnvironPair& pair = block.pairs[i];
    const std::string key = pair.known == proto::kUnknownKey ? block.text.substr(pair.key_offset, pair.key_length)
                                                             : std::string(proto::environ_key(pair.known));
    environ[key] = block.text.substr(pair.value_offset, pair.value_length);
  }
  return environ;
}

void append(const std::string& bytes, EnvironBlock& block) {
  proto::RequestLimits limits;
  limits.header_count = 0;
  limits.head_bytes = 1u << 24;
  const HeadRun run = run_head(bytes, whole(bytes.size()), limits);
  EXPECT_EQ(run.result, http1::ParseResult::kDone);
  http1::append_environ(run.head, bytes.data(), block);
}

TEST("to_environ: appends behind what is there, and does not join with it") {
  EnvironBlock block;
  append("GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\r\n", block);
  const size_t first = block.pairs.size();
  append("GET / HTTP/1.1\r\nHost: b\r\nX-A: 2\r\n\r\n", block);
  const Environ before = {{"HTTP_HOST", "a"}, {"HTTP_X_A", "1"}};
  const Environ after = {{"HTTP_HOST", "b"}, {"HTTP_X_A", "2"}};
  EXPECT_TRUE(read_block(block, first) == after);
  block.pairs.resize(first);
  EXPECT_TRUE(read_block(block, 0) == before);
}

/// What the joined values have to be, computed the plain way.
TEST("to_environ: random repetitions of many names join in order") {
  Random random(11);
  const std::string names[] = {"Accept", "Cookie", "X-One", "X-Two", "Via", "X-Onf", "Z", "x-one", "Proxy", "X_One"};
  for (int round = 0; round < 200; ++round) {
    std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
    Environ expected = {{"HTTP_HOST", "h"}};
    const size_t fields = random.below(40);
    for (size_t i = 0; i < fields; ++i) {
      const std::string& name = names[random.below(10)];
      const std::string value(random.below(5), static_cast<char>('a' + random.below(26)));
      bytes += name + ": " + value + "\r\n";
      if (name == "Proxy" || name == "X_One") continue;
      std::string key = "HTTP_";
      for (const char c : name) key += c == '-' ? '_' : static_cast<char>(c >= 'a' ? c - 32 : c);
      const auto found = expected.find(key);
      if (found == expected.end()) {
        expected[key] = value;
      } else {
        found->second += (key == "HTTP_COOKIE" ? "; " : ", ") + value;
      }
    }
    EnvironBlock block;
    append(bytes + "\r\n", block);
    EXPECT_TRUE(read_block(block, 0) == expected);
  }
}

TEST("to_environ: many different unknown names") {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 2000; ++i) bytes += "X-" + std::to_string(i) + ": " + std::to_string(i * 3) + "\r\n";
  EnvironBlock block;
  append(bytes + "\r\n", block);
  const Environ environ = read_block(block, 0);
  EXPECT_EQ(environ.size(), size_t{2001});
  EXPECT_EQ(environ.at("HTTP_X_1999"), "5997");
}

TEST("to_environ: repetitions without end cost text twice over, not more") {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  std::string accept;
  std::string mine;
  for (int i = 0; i < 5000; ++i) {
    bytes += "Accept: v" + std::to_string(i) + "\r\nX-Mine: w" + std::to_string(i) + "\r\n";
    accept += (i > 0 ? ", v" : "v") + std::to_string(i);
    mine += (i > 0 ? ", w" : "w") + std::to_string(i);
  }
  EnvironBlock block;
  append(bytes + "\r\n", block);
  const Environ expected = {{"HTTP_HOST", "h"}, {"HTTP_ACCEPT", accept}, {"HTTP_X_MINE", mine}};
  EXPECT_TRUE(read_block(block, 0) == expected);
  EXPECT_TRUE(block.text.size() < 2 * bytes.size());
}

}  // namespace
}  // namespace tsuwsgi::test
