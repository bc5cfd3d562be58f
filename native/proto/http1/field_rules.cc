#include "proto/http1/field_rules.h"

#include <string_view>

#include "proto/char_class.h"
#include "proto/content_length.h"
#include "proto/environ_key_table.h"
#include "proto/http1/host_syntax.h"

namespace tsuwsgi::http1 {
namespace {

std::string_view text_of(const char* data, Span span) { return {data + span.offset, span.length}; }

bool equals(std::string_view element, std::string_view lower) {
  return proto::equals_lower(element.data(), element.size(), lower.data(), lower.size());
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && proto::is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && proto::is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the next element off a comma-separated list. An empty list has one empty element.
std::string_view take_element(std::string_view& list) {
  const size_t comma = list.find(',');
  const std::string_view element = trim(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return element;
}

bool ends_with_comma(std::string_view list) { return !list.empty() && list.back() == ','; }

bool is_token(std::string_view text) {
  const char* end = text.data() + text.size();
  return !text.empty() && proto::skip_class(text.data(), end, proto::kToken) == end;
}

}  // namespace

Refusal FieldRules::add(const char* data, const HeaderField& field, RequestHead& head) {
  switch (field.known) {
    case proto::kKeyContentLength:
      return add_content_length(data, field.value, head);
    case proto::kKeyTransferEncoding:
      return add_transfer_encoding(data, field.value, head);
    case proto::kKeyHost:
      return add_host(data, field.value, head);
    case proto::kKeyConnection:
      add_connection(data, field.value);
      return {};
    case proto::kKeyExpect:
      return add_expect(data, field.value);
    case proto::kKeyUpgrade:
      upgrade_field_ = true;
      return {};
    default:
      return {};
  }
}

Refusal FieldRules::add_content_length(const char* data, Span value, RequestHead& head) const {
  // RFC 9112 section 6.3 lets identical values pass as one; no honest client sends them, so any repetition is refused.
  if (head.has_content_length) return {400, "repeated Content-Length"};
  if (value.length == 0) return {400, "empty Content-Length"};
  uint64_t length = 0;
  switch (proto::parse_content_length(text_of(data, value), length)) {
    case proto::LengthSyntax::kMalformed:
      return {400, "malformed Content-Length"};
    case proto::LengthSyntax::kOverflow:
      return {400, "Content-Length overflows"};
    case proto::LengthSyntax::kOk:
      break;
  }
  head.has_content_length = true;
  head.content_length = length;
  return {};
}

Refusal FieldRules::add_transfer_encoding(const char* data, Span value, RequestHead& head) {
  std::string_view list = text_of(data, value);
  if (head.version_minor == 0) return {400, "Transfer-Encoding in HTTP/1.0"};
  if (ends_with_comma(list)) return {400, "malformed Transfer-Encoding"};
  transfer_encoding_ = true;
  do {
    const std::string_view coding = take_element(list);
    if (!is_token(coding)) return {400, "malformed Transfer-Encoding"};
    if (head.chunked) return {400, "transfer coding after chunked"};
    if (!equals(coding, "chunked")) return {501, "unknown transfer coding"};
    head.chunked = true;
  } while (!list.empty());
  return {};
}

Refusal FieldRules::add_host(const char* data, Span value, RequestHead& head) {
  if (host_) return {400, "repeated Host"};
  host_ = true;
  if (!is_valid_host(data + value.offset, value.length)) return {400, "invalid Host"};
  // RFC 9112 section 3.2.2: the authority of an absolute-form target wins.
  if (head.target_form != TargetForm::kAbsolute) head.authority = value;
  return {};
}

void FieldRules::add_connection(const char* data, Span value) {
  std::string_view list = text_of(data, value);
  while (!list.empty()) {
    const std::string_view option = take_element(list);
    close_ |= equals(option, "close");
    keep_alive_ |= equals(option, "keep-alive");
    upgrade_option_ |= equals(option, "upgrade");
  }
}

Refusal FieldRules::add_expect(const char* data, Span value) {
  std::string_view list = text_of(data, value);
  do {
    if (!equals(take_element(list), "100-continue")) return {417, "unknown expectation"};
  } while (!list.empty());
  expect_continue_ = true;
  return {};
}

Refusal FieldRules::finish(uint64_t body_bytes_limit, RequestHead& head) const {
  const bool http11 = head.version_minor != 0;
  if (http11 && !host_) return {400, "missing Host"};
  if (transfer_encoding_ && head.has_content_length) return {400, "Content-Length with Transfer-Encoding"};
  if (body_bytes_limit != 0 && head.content_length > body_bytes_limit) return {413, "body too large"};
  head.keep_alive = !close_ && (http11 || keep_alive_);
  head.upgrade = http11 && upgrade_option_ && upgrade_field_;
  // HTTP/1.0 clients do not wait for 100 (RFC 9110 section 10.1.1), and without a body there is nothing to wait for.
  head.expect_continue = http11 && expect_continue_ && head.has_body();
  return {};
}

}  // namespace tsuwsgi::http1
