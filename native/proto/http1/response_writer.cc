#include "proto/http1/response_writer.h"

#include <cstring>

#include "proto/http1/reason_phrases.h"

namespace tsuwsgi::http1 {
namespace {

constexpr std::string_view kVersion = "HTTP/1.1 ";
constexpr std::string_view kDateName = "Date: ";
constexpr std::string_view kLengthName = "Content-Length: ";
constexpr std::string_view kChunkedLine = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view kCloseLine = "Connection: close\r\n";
constexpr std::string_view kKeepAliveLine = "Connection: keep-alive\r\n";
constexpr std::string_view kLineEnd = "\r\n";

constexpr size_t kMaxDigits = 20;
/// Everything that `append_head_end` may write.
constexpr size_t kMaxEnd =
    kLengthName.size() + kMaxDigits + kChunkedLine.size() + kKeepAliveLine.size() + 2 * kLineEnd.size();

/// Writes into memory that is known to be large enough.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  void text(std::string_view piece) {
    std::memcpy(at_, piece.data(), piece.size());
    at_ += piece.size();
  }

  void number(uint64_t value) {
    char digits[kMaxDigits];
    char* first = digits + kMaxDigits;
    do {
      *--first = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    text({first, static_cast<size_t>(digits + kMaxDigits - first)});
  }

  char* at() const { return at_; }

 private:
  char* at_;
};

/// Content is forbidden, but not the framing fields: a 205 says so with a length of 0 (RFC 9110 section 15.3.6).
constexpr uint16_t kResetContent = 205;

bool has_no_content(uint16_t status) {
  return status < 200 || status == 204 || status == kResetContent || status == 304;
}

Framing choose_framing(const ResponseFacts& facts) {
  if (facts.status < 200 || facts.status == 204) return Framing::kNone;
  if (facts.status == kResetContent) return Framing::kLength;
  if (facts.length_known) return Framing::kLength;
  if (facts.head_request || has_no_content(facts.status)) return Framing::kNone;
  return facts.version_minor == 0 ? Framing::kUntilClose : Framing::kChunked;
}

void write_framing(Writer& writer, const ResponseFacts& facts, const ResponsePlan& plan) {
  if (plan.framing == Framing::kChunked) return writer.text(kChunkedLine);
  if (plan.framing != Framing::kLength) return;
  writer.text(kLengthName);
  writer.number(facts.status == kResetContent ? 0 : facts.length);
  writer.text(kLineEnd);
}

void write_connection(Writer& writer, const ResponseFacts& facts, const ResponsePlan& plan) {
  if (facts.status < 200) return;  // says nothing about the connection after the final response
  if (!plan.keep_alive) return writer.text(kCloseLine);
  if (facts.version_minor == 0) writer.text(kKeepAliveLine);
}

}  // namespace

ResponsePlan plan_response(const ResponseFacts& facts) {
  ResponsePlan plan;
  plan.framing = choose_framing(facts);
  plan.send_body = !facts.head_request && !has_no_content(facts.status);
  plan.keep_alive = facts.keep_alive && plan.framing != Framing::kUntilClose;
  return plan;
}

void append_head_start(std::string& out, uint16_t status, std::string_view head, std::string_view date) {
  const char code[] = {static_cast<char>('0' + status / 100 % 10), static_cast<char>('0' + status / 10 % 10),
                       static_cast<char>('0' + status % 10), ' '};
  out.append(kVersion).append(code, sizeof code).append(head);
  if (!date.empty()) out.append(kDateName).append(date).append(kLineEnd);
}

void append_head_end(std::string& out, const ResponseFacts& facts, const ResponsePlan& plan) {
  char text[kMaxEnd];
  Writer writer(text);
  write_framing(writer, facts, plan);
  write_connection(writer, facts, plan);
  writer.text(kLineEnd);
  out.append(text, static_cast<size_t>(writer.at() - text));
}

void append_head(std::string& out, const ResponseFacts& facts, const ResponsePlan& plan, std::string_view head,
                 std::string_view date) {
  append_head_start(out, facts.status, head, facts.has_date ? std::string_view() : date);
  append_head_end(out, facts, plan);
}

void append_chunk_head(std::string& out, size_t size) {
  constexpr size_t kMaxHexDigits = 2 * sizeof(size_t);
  char digits[kMaxHexDigits + kLineEnd.size()];
  char* first = digits + kMaxHexDigits;
  first[0] = '\r';
  first[1] = '\n';
  do {
    *--first = "0123456789abcdef"[size & 15];
    size >>= 4;
  } while (size != 0);
  out.append(first, static_cast<size_t>(digits + sizeof digits - first));
}

std::string refusal_lines(std::string_view reason, uint32_t retry_after_seconds) {
  std::string lines(reason);
  lines.append("\r\nContent-Type: text/plain\r\n");
  if (retry_after_seconds > 0)
    lines.append("Retry-After: ").append(std::to_string(retry_after_seconds)).append(kLineEnd);
  return lines;
}

RefusalSize finish_refusal(std::string& out, size_t head_at, std::string_view reason, bool send_body,
                           uint32_t retry_after_seconds) {
  const size_t body_at = out.size();
  if (send_body) out.append(reason).push_back('\n');
  RefusalSize size;
  size.fields = retry_after_seconds > 0 ? 2 : 1;
  size.head_bytes = static_cast<uint32_t>(body_at - head_at);
  size.body_bytes = static_cast<uint32_t>(out.size() - body_at);
  return size;
}

RefusalSize append_refusal(std::string& out, uint16_t status, std::string_view date, bool head_request, bool keep_alive,
                           uint32_t retry_after_seconds) {
  const std::string_view reason = reason_phrase(status);
  ResponseFacts facts;
  facts.status = status;
  facts.head_request = head_request;
  facts.keep_alive = keep_alive;
  facts.length = reason.size() + 1;
  facts.length_known = true;
  const ResponsePlan plan = plan_response(facts);
  const size_t head_at = out.size();
  append_head(out, facts, plan, refusal_lines(reason, retry_after_seconds), date);
  return finish_refusal(out, head_at, reason, plan.send_body, retry_after_seconds);
}

std::string_view reason_phrase(uint16_t status) {
  for (const StatusReason& entry : kStatusReasons) {
    if (entry.status == status) return entry.reason;
  }
  return "Unknown";
}

}  // namespace tsuwsgi::http1
