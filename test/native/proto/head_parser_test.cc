// What fixtures cannot say about the head parser: reuse, the line alone, cost, and how early it refuses.
#include "proto/http1/head_parser.h"

#include <string>

#include "fuzz/head_run.h"
#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using http1::HeadParser;
using http1::ParseResult;
using http1::Refusal;
using http1::RequestHead;

constexpr std::string_view kFirst =
    "POST http://b.test/x%20y?q HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, upgrade\r\n"
    "Upgrade: x\r\nExpect: 100-continue\r\n\r\n";
constexpr std::string_view kSecond = "GET / HTTP/1.1\r\nHost: b\r\n\r\n";

TEST("head parser: nothing of a request is left in the next one") {
  const proto::RequestLimits limits;
  HeadParser parser(limits);
  RequestHead head;
  Refusal refusal;
  EXPECT_EQ(parser.parse(kFirst.data(), kFirst.size(), head, refusal), ParseResult::kDone);
  EXPECT_TRUE(head.chunked && head.upgrade && head.expect_continue && head.path_encoded && !head.keep_alive);
  parser.reset();
  EXPECT_EQ(parser.parse(kSecond.data(), kSecond.size(), head, refusal), ParseResult::kDone);
  EXPECT_EQ(describe_head(head), run_head(kSecond, whole(kSecond.size()), limits).text());
}

TEST("head parser: nothing of an incomplete or refused request is left after reset") {
  const proto::RequestLimits limits;
  HeadParser parser(limits);
  RequestHead head;
  Refusal refusal;
  for (size_t size = 1; size < kFirst.size(); ++size) {
    parser.reset();
    EXPECT_EQ(parser.parse(kFirst.data(), size, head, refusal), ParseResult::kNeedMore);
    parser.reset();
    EXPECT_EQ(parser.parse(kSecond.data(), kSecond.size(), head, refusal), ParseResult::kDone);
    EXPECT_EQ(describe_head(head), run_head(kSecond, whole(kSecond.size()), limits).text());
  }
}

TEST("head parser: the line alone leaves a running parse as it is") {
  const proto::RequestLimits limits;
  HeadParser parser(limits);
  RequestHead head;
  RequestHead line;
  Refusal refusal;
  EXPECT_EQ(parser.parse(kFirst.data(), 60, head, refusal), ParseResult::kNeedMore);
  EXPECT_EQ(parser.parse_request_line(kSecond.data(), kSecond.size(), line, refusal), ParseResult::kDone);
  EXPECT_EQ(line.size, 16u);
  EXPECT_EQ(line.target_form, http1::TargetForm::kOrigin);
  EXPECT_EQ(parser.parse(kFirst.data(), kFirst.size(), head, refusal), ParseResult::kDone);
  EXPECT_EQ(describe_head(head), run_head(kFirst, whole(kFirst.size()), limits).text());
}

TEST("head parser: the line alone is incomplete until its LF") {
  const proto::RequestLimits limits;
  HeadParser parser(limits);
  RequestHead line;
  Refusal refusal;
  for (size_t size = 0; size < 16; ++size) {
    EXPECT_EQ(parser.parse_request_line(kSecond.data(), size, line, refusal), ParseResult::kNeedMore);
  }
  proto::RequestLimits small;
  small.head_bytes = 10;
  HeadParser limited(small);
  EXPECT_EQ(limited.parse_request_line(kSecond.data(), kSecond.size(), line, refusal), ParseResult::kRefused);
  EXPECT_EQ(refusal.status, 431);
}

/// Every byte of a value is looked at once, however it arrives: bytes that were seen may be overwritten without the
/// parser noticing, which is the only way to see this from outside without a clock.
TEST("head parser: does not look twice at what it has seen") {
  const proto::RequestLimits limits;
  for (const std::string text : {"GET /abcdefgh HTTP/1.1\r\nHost: a\r\nX-Name: value value\r\n\r\n"}) {
    for (size_t place = 25; place + 4 < text.size(); ++place) {
      HeadParser parser(limits);
      parser.reset();
      RequestHead head;
      Refusal refusal;
      EXPECT_EQ(parser.parse(text.data(), place, head, refusal), ParseResult::kNeedMore);
      const size_t line_start = text.rfind("\r\n", place - 2) + 2;
      std::string spoiled = text;
      for (size_t i = 0; i < line_start; ++i) spoiled[i] = '\0';
      EXPECT_EQ(parser.parse(spoiled.data(), spoiled.size(), head, refusal), ParseResult::kDone);
    }
  }
}

/// For each prefix that cannot become a request any more, the refusal is there already.
TEST("head parser: a wrong byte is refused when it arrives") {
  const std::string good = "GET /a?b HTTP/1.1\r\nHost: a.test\r\nX-Name: v\r\n\r\n";
  const proto::RequestLimits limits;
  for (size_t place = 0; place < good.size(); ++place) {
    for (const char wrong : {'\0', '\x01', '\x7f', '\n'}) {
      if (good[place] == wrong) continue;
      std::string bytes = good;
      bytes[place] = wrong;
      const HeadRun run = run_head(bytes, byte_by_byte(bytes.size()), limits);
      EXPECT_EQ(run.result, ParseResult::kRefused);
      EXPECT_EQ(run.seen, place + 1);
    }
  }
}

TEST("head parser: head_bytes and target_bytes are exact") {
  const std::string bytes = "GET /" + std::string(50, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  proto::RequestLimits limits;
  for (uint32_t limit = 1; limit < 120; ++limit) {
    limits.head_bytes = limit;
    EXPECT_EQ(run_head(bytes, whole(bytes.size()), limits).result == ParseResult::kDone, limit >= bytes.size());
  }
  limits = {};
  for (uint32_t limit = 1; limit < 120; ++limit) {
    limits.target_bytes = limit;
    const HeadRun run = run_head(bytes, whole(bytes.size()), limits);
    EXPECT_EQ(run.result == ParseResult::kDone, limit >= 51);
    if (limit < 51) EXPECT_EQ(run.refusal.status, 414);
  }
}

}  // namespace
}  // namespace tsuwsgi::test
