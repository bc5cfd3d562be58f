#include "proto/http1/response_writer.h"

#include <string>

#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using http1::Framing;
using http1::ResponseFacts;
using http1::ResponsePlan;

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string head_of(const ResponseFacts& facts, std::string_view head) {
  std::string out = "kept";
  http1::append_head(out, facts, http1::plan_response(facts), head, kDate);
  EXPECT_EQ(out.substr(0, 4), "kept");
  return out.substr(4);
}

ResponseFacts with_length(uint64_t length) {
  ResponseFacts facts;
  facts.length = length;
  facts.length_known = true;
  return facts;
}

TEST("response: length known") {
  EXPECT_EQ(head_of(with_length(11), "OK\r\nContent-Type: text/html\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: "
            "11\r\n\r\n");
}

TEST("response: length unknown is chunked, and for HTTP/1.0 the end of the connection") {
  ResponseFacts facts;
  facts.has_date = true;
  EXPECT_EQ(head_of(facts, "OK\r\n"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  facts.version_minor = 0;
  EXPECT_EQ(head_of(facts, "OK\r\n"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(http1::plan_response(facts).keep_alive);
}

TEST("response: the Connection field says what differs from the version's default") {
  ResponseFacts facts = with_length(0);
  facts.has_date = true;
  facts.keep_alive = false;
  EXPECT_EQ(head_of(facts, "OK\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  facts.version_minor = 0;
  EXPECT_EQ(head_of(facts, "OK\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  facts.keep_alive = true;
  EXPECT_EQ(head_of(facts, "OK\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST("response: one framing at most, and none where there is no content") {
  for (const int code : {100, 101, 103, 200, 204, 206, 304, 404, 500}) {
    for (int bits = 0; bits < 16; ++bits) {
      ResponseFacts facts;
      const auto status = static_cast<uint16_t>(code);
      facts.status = status;
      facts.head_request = (bits & 1) != 0;
      facts.version_minor = (bits & 2) != 0 ? 1 : 0;
      facts.length_known = (bits & 4) != 0;
      facts.keep_alive = (bits & 8) != 0;
      facts.length = 5;
      const ResponsePlan plan = http1::plan_response(facts);
      const std::string head = head_of(facts, "X\r\n");
      const bool length = head.find("Content-Length: 5\r\n") != std::string::npos;
      const bool chunked = head.find("Transfer-Encoding: chunked\r\n") != std::string::npos;
      const bool no_content = status < 200 || status == 204 || status == 304;
      EXPECT_EQ(plan.send_body, !facts.head_request && !no_content);
      EXPECT_FALSE(length && chunked);
      EXPECT_EQ(chunked, plan.send_body && !facts.length_known && facts.version_minor == 1);
      if (plan.send_body) EXPECT_EQ(length, facts.length_known);
      if (!plan.send_body) EXPECT_EQ(length, facts.length_known && status >= 200 && status != 204);
      EXPECT_EQ(plan.framing == Framing::kUntilClose, plan.send_body && !length && !chunked);
      EXPECT_EQ(plan.keep_alive, facts.keep_alive && plan.framing != Framing::kUntilClose);
      EXPECT_EQ(head.substr(head.size() - 4), "\r\n\r\n");
    }
  }
}

TEST("response: 205 is framed and empty, whatever the application gave") {
  for (const bool known : {false, true}) {
    ResponseFacts facts = with_length(5);
    facts.length_known = known;
    facts.status = 205;
    facts.has_date = true;
    EXPECT_EQ(head_of(facts, "Reset Content\r\n"), "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n");
    EXPECT_FALSE(http1::plan_response(facts).send_body);
    EXPECT_TRUE(http1::plan_response(facts).keep_alive);
  }
}

TEST("response: numbers of every length") {
  uint64_t value = 0;
  for (int digits = 0; digits <= 20; ++digits) {
    const std::string head = head_of(with_length(value), "OK\r\n");
    EXPECT_TRUE(head.find("\r\nContent-Length: " + std::to_string(value) + "\r\n") != std::string::npos);
    value = digits == 19 ? UINT64_MAX : value * 10 + 9;
  }
}

TEST("response: a long head is copied whole") {
  const std::string fields = "OK\r\nX-Long: " + std::string(100000, 'v') + "\r\n";
  const std::string head = head_of(with_length(1), fields);
  EXPECT_EQ(head.substr(0, 13 + fields.size()), "HTTP/1.1 200 " + fields);
}

TEST("response: chunk heads") {
  for (const size_t size :
       {size_t{1}, size_t{9}, size_t{10}, size_t{15}, size_t{16}, size_t{255}, size_t{65536}, SIZE_MAX}) {
    std::string out;
    http1::append_chunk_head(out, size);
    EXPECT_EQ(std::stoull(out, nullptr, 16), size);
    EXPECT_EQ(out.substr(out.size() - 2), "\r\n");
    EXPECT_TRUE(out[0] != '0');
  }
}

TEST("response: refusals are complete responses") {
  std::string out;
  const http1::RefusalSize size = http1::append_refusal(out, 503, kDate, false, false, 7);
  EXPECT_EQ(size.fields, uint32_t{2});
  EXPECT_EQ(size.body_bytes, uint32_t{20});
  EXPECT_EQ(size_t{size.head_bytes}, out.size() - 20);
  EXPECT_EQ(
      out,
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 7\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 20\r\nConnection: close\r\n\r\nService Unavailable\n");
  out.clear();
  EXPECT_EQ(http1::append_refusal(out, 404, kDate, true, true, 0).body_bytes, uint32_t{0});
  EXPECT_EQ(out,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Length: 10\r\n\r\n");
}

TEST("response: reason phrases") {
  EXPECT_EQ(http1::reason_phrase(200), "OK");
  EXPECT_EQ(http1::reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(http1::reason_phrase(599), "Unknown");
  EXPECT_EQ(http1::reason_phrase(0), "Unknown");
}

}  // namespace
}  // namespace tsuwsgi::test
