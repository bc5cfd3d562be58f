#include "proto/uwsgi/response_writer.h"

#include <charconv>

namespace tsuwsgi::uwsgi {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr uint16_t kResetContent = 205;

void append_number(std::string& out, uint64_t value) {
  char digits[20];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, static_cast<size_t>(result.ptr - digits));
}

}  // namespace

http1::ResponsePlan plan_response(const http1::ResponseFacts& facts) {
  http1::ResponseFacts closing = facts;
  closing.version_minor = 0;
  closing.keep_alive = false;
  return http1::plan_response(closing);
}

void append_head(std::string& out, const http1::ResponseFacts& facts, const http1::ResponsePlan& plan,
                 std::string_view head) {
  out += facts.version_minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  append_number(out, facts.status);
  out += ' ';
  out += head;
  if (plan.framing == http1::Framing::kLength) {
    out += "Content-Length: ";
    append_number(out, facts.status == kResetContent ? 0 : facts.length);
    out += kLineEnd;
  }
  out += kLineEnd;
}

http1::RefusalSize append_refusal(std::string& out, uint16_t status, uint8_t version_minor, bool head_request,
                                  uint32_t retry_after_seconds) {
  const std::string_view reason = http1::reason_phrase(status);
  http1::ResponseFacts facts;
  facts.status = status;
  facts.head_request = head_request;
  facts.version_minor = version_minor;
  facts.length = reason.size() + 1;
  facts.length_known = true;
  const http1::ResponsePlan plan = uwsgi::plan_response(facts);
  const size_t head_at = out.size();
  uwsgi::append_head(out, facts, plan, http1::refusal_lines(reason, retry_after_seconds));
  return http1::finish_refusal(out, head_at, reason, plan.send_body, retry_after_seconds);
}

}  // namespace tsuwsgi::uwsgi
