// Every file of test/fixtures/http1/heads is a case; its README.md describes the format.
#include <set>
#include <string>
#include <utility>

#include "fuzz/head_run.h"
#include "native/fixture_request.h"
#include "native/harness.h"
#include "proto/http1/to_environ.h"

namespace tsuwsgi::test {
namespace {

using http1::ParseResult;
using http1::RequestHead;

constexpr int kRandomSplits = 20;

std::string environ_of(const RequestHead& head, const std::string& bytes) {
  proto::EnvironBlock block;
  http1::append_environ(head, bytes.data(), block);
  return environ_lines(block);
}

std::string body_of(const RequestHead& head) {
  if (head.chunked) return "chunked";
  return head.has_content_length ? "length " + std::to_string(head.content_length) : "none";
}

std::string form_of(const RequestHead& head) {
  switch (head.target_form) {
    case http1::TargetForm::kOrigin:
      return "origin";
    case http1::TargetForm::kAbsolute:
      return "absolute";
    case http1::TargetForm::kAsterisk:
      return "asterisk";
    case http1::TargetForm::kAuthority:
      break;
  }
  return "authority";
}

const char* yes_no(bool value) { return value ? "yes" : "no"; }

void expect_spans(const FixtureFile& file, const RequestHead& head) {
  const auto text = [&file](http1::Span span) { return file.bytes.substr(span.offset, span.length); };
  EXPECT_EQ(text(head.method), file.get("method", "?"));
  EXPECT_EQ(text(head.target), file.get("target", "?"));
  const std::string target = text(head.target);
  const size_t question = target.find('?');
  EXPECT_EQ(text(head.path), file.get("path", target.substr(0, question)));
  EXPECT_EQ(text(head.query), file.get("query", question == std::string::npos ? "" : target.substr(question + 1)));
  if (file.has("authority")) EXPECT_EQ(text(head.authority), file.get("authority", ""));
}

void expect_head(const FixtureFile& file, const RequestHead& head) {
  expect_spans(file, head);
  EXPECT_EQ("1." + std::to_string(head.version_minor), file.get("version", "1.1"));
  EXPECT_EQ(form_of(head), file.get("form", "origin"));
  EXPECT_EQ(body_of(head), file.get("body", "none"));
  EXPECT_EQ(yes_no(head.keep_alive), file.get("keep-alive", "yes"));
  EXPECT_EQ(yes_no(head.expect_continue), file.get("expect-continue", "no"));
  EXPECT_EQ(yes_no(head.upgrade), file.get("upgrade", "no"));
  EXPECT_EQ(file.bytes.substr(head.size), file.get("rest", ""));
  EXPECT_EQ(environ_of(head, file.bytes), expected_environ(file));
}

/// All ways of feeding give one answer.
void expect_same_in_pieces(const FixtureFile& file, const proto::RequestLimits& limits, const HeadRun& run) {
  EXPECT_EQ(run_head(file.bytes, byte_by_byte(file.bytes.size()), limits).text(), run.text());
  for (int seed = 0; seed < kRandomSplits; ++seed) {
    Random random(static_cast<uint64_t>(seed));
    EXPECT_EQ(run_head(file.bytes, at_random(file.bytes.size(), random), limits).text(), run.text());
  }
}

void check_valid(const FixtureFile& file) {
  const proto::RequestLimits limits = limits_of(file);
  const HeadRun run = run_head(file.bytes, whole(file.bytes.size()), limits);
  EXPECT_EQ(run.result, ParseResult::kDone);
  expect_same_in_pieces(file, limits, run);
  if (run.result == ParseResult::kDone) return expect_head(file, run.head);
  fail(__FILE__, __LINE__, run.text());
}

/// Refused, with the status and reason the file names, and not later than at the byte it names.
void check_invalid(const FixtureFile& file) {
  const proto::RequestLimits limits = limits_of(file);
  const HeadRun run = run_head(file.bytes, whole(file.bytes.size()), limits);
  EXPECT_EQ(run.text(), "refused " + file.get("refuse", "?"));
  expect_same_in_pieces(file, limits, run);
  const HeadRun slow = run_head(file.bytes, byte_by_byte(file.bytes.size()), limits);
  if (file.has("at")) EXPECT_EQ(std::to_string(slow.seen), file.get("at", ""));
}

void check_keys(const FixtureFile& file) {
  static const std::set<std::string> known = {
      "method", "target", "path",        "query",      "form",         "authority",  "version", "keep-alive",
      "body",   "rest",   "env",         "head-bytes", "target-bytes", "body-bytes", "upgrade", "expect-continue",
      "refuse", "at",     "header-count"};
  for (const FixtureLine& line : file.lines) {
    if (known.count(line.key) == 0) fail(__FILE__, __LINE__, "unknown key " + line.key);
  }
  EXPECT_EQ(file.error, "");
}

bool add_directory(const char* directory, void (*check)(const FixtureFile&)) {
  for (FixtureFile& file : read_fixtures(directory)) {
    std::string name = file.name;
    add_case(std::move(name), [file = std::move(file), check] {
      check_keys(file);
      check(file);
    });
  }
  return true;
}

[[maybe_unused]] const bool kValidAdded = add_directory("heads/valid", check_valid);
[[maybe_unused]] const bool kInvalidAdded = add_directory("heads/invalid", check_invalid);

TEST("heads: the fixtures are there") {
  EXPECT_TRUE(read_fixtures("heads/valid").size() >= 50);
  EXPECT_TRUE(read_fixtures("heads/invalid").size() >= 80);
}

}  // namespace
}  // namespace tsuwsgi::test
