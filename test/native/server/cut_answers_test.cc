// Whose answers a client did not get that leaves in the middle of several.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/unique_fd.h"
#include "native/harness.h"
#include "native/server/loop_fixture.h"

namespace tsuwsgi::test {
namespace {

using server::EventType;

/// Of one byte each, which make six on the wire: together more than the kernel takes.
constexpr size_t kChunks = 1 << 20;
constexpr int kSmallBuffer = 4096;

std::string content(int fd) {
  std::string all;
  char block[4096];
  for (ssize_t got = 0; (got = ::pread(fd, block, sizeof block, static_cast<off_t>(all.size()))) > 0;)
    all.append(block, static_cast<size_t>(got));
  return all;
}

std::string line_with(const std::string& word, const std::string& lines) {
  const size_t at = lines.find(word);
  if (at == std::string::npos) return "";
  const size_t end_of_earlier = lines.rfind('\n', at);
  const size_t start = end_of_earlier == std::string::npos ? 0 : end_of_earlier + 1;
  return lines.substr(start, lines.find('\n', at) - start);
}

/// Both answers in one batch, so that one output holds them.
Operations a_whole_answer_and_many_chunks(Handle whole, Handle chunked) {
  Operations operations;
  operations.respond(whole, "all of it");
  operations.begin(chunked);
  for (size_t i = 0; i < kChunks; ++i) operations.chunk(chunked, "x");
  return operations;
}

TEST("cut answers: what frames the chunks of the last one is not charged to the one before") {
  const base::UniqueFd log(::memfd_create("log", MFD_CLOEXEC));
  server::ServerOptions options;
  options.access_log_fd = log.get();
  options.access_log_format = server::LogFormat::kJson;
  LoopFixture loop(options);
  LoopClient client(loop.port(), kSmallBuffer);
  client.send("GET /whole HTTP/1.1\r\nHost: a\r\n\r\nGET /chunked HTTP/1.1\r\nHost: a\r\n\r\n");
  const Handle whole = loop.request(0);
  loop.apply(a_whole_answer_and_many_chunks(whole, loop.request(1)));
  loop.settle();
  client.reset();
  EXPECT_TRUE(loop.turn_until([&] { return loop.counters().in_flight.get() == 0; }));
  loop.stop();
  const std::string lines = content(log.get());
  EXPECT_TRUE(line_with("/chunked", lines).find("\"aborted\":\"client\"") != std::string::npos);
  EXPECT_TRUE(line_with("/whole", lines).find("\"bytes\":9,") != std::string::npos);
  EXPECT_TRUE(line_with("/whole", lines).find("\"aborted\"") == std::string::npos);
}

}  // namespace
}  // namespace tsuwsgi::test
