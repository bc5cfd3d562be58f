// Every file of test/fixtures/uwsgi/packets is a case; its README.md describes the format.
#include <set>
#include <string>
#include <utility>

#include "fuzz/packet_run.h"
#include "native/fixture_request.h"
#include "native/harness.h"
#include "native/packet.h"
#include "proto/uwsgi/to_environ.h"

namespace tsuwsgi::test {
namespace {

using proto::ParseResult;
using uwsgi::RequestHead;

constexpr int kRandomSplits = 20;

std::string environ_of(const RequestHead& head, const std::string& bytes) {
  proto::EnvironBlock block;
  uwsgi::append_environ(head, bytes.data(), block);
  return environ_lines(block);
}

/// All ways of feeding give one answer.
void expect_same_in_pieces(const std::string& bytes, const proto::RequestLimits& limits, const PacketRun& run) {
  EXPECT_EQ(run_packet(bytes, byte_by_byte(bytes.size()), limits).text(), run.text());
  for (int seed = 0; seed < kRandomSplits; ++seed) {
    Random random(static_cast<uint64_t>(seed));
    EXPECT_EQ(run_packet(bytes, at_random(bytes.size(), random), limits).text(), run.text());
  }
}

void expect_head(const FixtureFile& file, const std::string& bytes, const RequestHead& head) {
  const auto text = [&bytes](proto::Span span) { return bytes.substr(span.offset, span.length); };
  proto::EnvironBlock target;
  uwsgi::append_target(head, bytes.data(), target);
  EXPECT_EQ(text(head.method), file.get("method", "?"));
  EXPECT_EQ(target.text, file.get("target", "?"));
  if (file.has("path")) EXPECT_EQ(text(head.path), file.get("path", ""));
  if (file.has("query")) EXPECT_EQ(text(head.query), file.get("query", ""));
  if (file.has("remote")) EXPECT_EQ(text(head.remote_addr), file.get("remote", ""));
  EXPECT_EQ(head.has_remote, file.has("remote"));
  EXPECT_EQ(std::string(head.http10 ? "1.0" : "1.1"), file.get("version", "?"));
  EXPECT_EQ(std::string(head.https ? "https" : "http"), file.get("scheme", "http"));
  EXPECT_EQ(head.has_content_length ? std::to_string(head.content_length) : "none", file.get("body", "none"));
  EXPECT_EQ(environ_of(head, bytes), expected_environ(file));
}

void check_valid(const FixtureFile& file) {
  const std::string bytes = packet_of(file);
  const proto::RequestLimits limits = limits_of(file);
  const PacketRun run = run_packet(bytes, whole(bytes.size()), limits);
  if (run.result != ParseResult::kDone) return fail(__FILE__, __LINE__, run.text());
  expect_same_in_pieces(bytes, limits, run);
  EXPECT_EQ(run.head.is_ping(), file.get("packet", "") == "ping");
  if (run.head.is_ping()) return EXPECT_EQ(run.head.size, uwsgi::kPacketHeaderBytes);
  EXPECT_EQ(bytes.substr(run.head.size), file.get("rest", ""));
  expect_head(file, bytes, run.head);
}

/// Refused, with the status and reason the file names, at the byte that completes what is wrong.
void check_invalid(const FixtureFile& file) {
  const std::string bytes = packet_of(file);
  const proto::RequestLimits limits = limits_of(file);
  const PacketRun run = run_packet(bytes, whole(bytes.size()), limits);
  if (run.result != ParseResult::kRefused) return fail(__FILE__, __LINE__, run.text());
  EXPECT_EQ(std::to_string(run.refusal.status) + ' ' + run.refusal.reason, file.get("refuse", "?"));
  EXPECT_EQ(bytes.substr(run.head.blamed.offset, run.head.blamed.length), file.get("blame", ""));
  expect_same_in_pieces(bytes, limits, run);
  const PacketRun slow = run_packet(bytes, byte_by_byte(bytes.size()), limits);
  EXPECT_EQ(std::to_string(slow.seen), file.get("at", std::to_string(run.head.size)));
}

void check_keys(const FixtureFile& file) {
  static const std::set<std::string> known = {
      "packet",     "modifier1", "modifier2", "var",    "raw",    "datasize",   "rest",         "empty",
      "method",     "target",    "version",   "path",   "env",    "head-bytes", "target-bytes", "header-count",
      "body-bytes", "query",     "remote",    "scheme", "refuse", "body",       "blame",        "at"};
  for (const FixtureLine& line : file.lines) {
    if (known.count(line.key) == 0) fail(__FILE__, __LINE__, "unknown key " + line.key);
  }
  EXPECT_EQ(file.error, "");
}

bool add_directory(const char* directory, void (*check)(const FixtureFile&)) {
  for (FixtureFile& file : read_fixtures(directory, "uwsgi")) {
    std::string name = file.name;
    add_case(std::move(name), [file = std::move(file), check] {
      check_keys(file);
      check(file);
    });
  }
  return true;
}

[[maybe_unused]] const bool kValidAdded = add_directory("packets/valid", check_valid);
[[maybe_unused]] const bool kInvalidAdded = add_directory("packets/invalid", check_invalid);

TEST("packets: the fixtures are there") {
  EXPECT_TRUE(read_fixtures("packets/valid", "uwsgi").size() >= 40);
  EXPECT_TRUE(read_fixtures("packets/invalid", "uwsgi").size() >= 60);
}

}  // namespace
}  // namespace tsuwsgi::test
