#include "proto/http1/head_parser.h"

#include <algorithm>

#include "proto/environ_key_table.h"
#include "proto/scan.h"

namespace tsuwsgi::http1 {
namespace {

/// Environ keys have 16-bit lengths on their way to the application, "HTTP_" included.
constexpr uint32_t kMaxFieldName = 0xFFFF - 5;

ParseResult refuse(Refusal& refusal, uint16_t status, const char* reason) {
  refusal = {status, reason};
  return ParseResult::kRefused;
}

/// Back to defaults; `fields` keeps its memory.
void clear(RequestHead& head) {
  std::vector<HeaderField> fields = std::move(head.fields);
  fields.clear();
  head = RequestHead();
  head.fields = std::move(fields);
}

const char* reason_for_name_end(char c) {
  if (proto::is_blank(c)) return "white space in or after a field name";
  if (c == '\r' || c == '\n') return "field line without colon";
  return "invalid byte in field name";
}

const char* reason_for_value_byte(char c) { return c == '\n' ? "LF without CR" : "invalid byte in field value"; }

}  // namespace

void HeadParser::reset() {
  line_ = RequestLineParser();
  rules_ = FieldRules();
  field_ = HeaderField();
  mark_ = at_ = 0;
  phase_ = Phase::kRequestLine;
}

ParseResult HeadParser::parse(const char* data, size_t size, RequestHead& head, Refusal& refusal) {
  // Nothing behind the limit is looked at: how much has arrived never changes the answer.
  const size_t window = std::min<size_t>(size, limits_.head_bytes);
  const ParseResult result = advance(data, window, head, refusal);
  if (result != ParseResult::kNeedMore || window < limits_.head_bytes) return result;
  if (line_.in_target()) return refuse(refusal, 414, "target too long");
  return refuse(refusal, 431, "head too large");
}

ParseResult HeadParser::parse_request_line(const char* data, size_t size, RequestHead& head, Refusal& refusal) {
  const size_t window = std::min<size_t>(size, limits_.head_bytes);
  RequestLineParser line;
  const ParseResult result = line.parse(data, window, limits_.target_bytes, head, refusal);
  if (result == ParseResult::kDone) head.size = line.at();
  if (result != ParseResult::kNeedMore || window < limits_.head_bytes) return result;
  return line.in_target() ? refuse(refusal, 414, "target too long") : refuse(refusal, 431, "head too large");
}

ParseResult HeadParser::advance(const char* data, size_t window, RequestHead& head, Refusal& refusal) {
  if (phase_ == Phase::kRequestLine) {
    const ParseResult result = read_request_line(data, window, head, refusal);
    if (result != ParseResult::kDone) return result;
  }
  ParseResult result = ParseResult::kDone;
  while (result == ParseResult::kDone && phase_ != Phase::kDone) {
    if (at_ == window) return ParseResult::kNeedMore;
    switch (phase_) {
      case Phase::kFieldStart:
        result = start_field(data[at_], head, refusal);
        break;
      case Phase::kName:
        result = read_name(data, window, refusal);
        break;
      case Phase::kValueStart:
        result = read_value_start(data, window);
        break;
      case Phase::kValue:
        result = read_value(data, window, refusal);
        break;
      case Phase::kFieldLf:
        if (data[at_] != '\n') return refuse(refusal, 400, "CR without LF");
        result = finish_field(data, head, refusal);
        break;
      case Phase::kEndLf:
        result = finish_head(data[at_], head, refusal);
        break;
      case Phase::kRequestLine:
      case Phase::kDone:
        break;
    }
  }
  return result;
}

ParseResult HeadParser::read_request_line(const char* data, size_t window, RequestHead& head, Refusal& refusal) {
  if (line_.at() == 0) clear(head);
  const ParseResult result = line_.parse(data, window, limits_.target_bytes, head, refusal);
  if (result != ParseResult::kDone) return result;
  at_ = line_.at();
  head.header_section.offset = at_;
  phase_ = Phase::kFieldStart;
  return ParseResult::kDone;
}

ParseResult HeadParser::start_field(char c, RequestHead& head, Refusal& refusal) {
  mark_ = at_;
  if (c == '\r') {
    ++at_;
    phase_ = Phase::kEndLf;
    return ParseResult::kDone;
  }
  if (proto::is_blank(c)) return refuse(refusal, 400, "line folding");
  if (c == '\n') return refuse(refusal, 400, "LF without CR");
  if (limits_.header_count != 0 && head.fields.size() >= limits_.header_count) {
    return refuse(refusal, 431, "too many fields");
  }
  phase_ = Phase::kName;
  return ParseResult::kDone;
}

ParseResult HeadParser::read_name(const char* data, size_t window, Refusal& refusal) {
  const size_t stop = std::min(window, size_t{mark_} + kMaxFieldName + 1);
  at_ = static_cast<uint32_t>(proto::skip_token(data + at_, data + stop) - data);
  const uint32_t length = at_ - mark_;
  if (length > kMaxFieldName) return refuse(refusal, 431, "field name too long");
  if (at_ == window) return ParseResult::kNeedMore;
  if (data[at_] != ':') return refuse(refusal, 400, reason_for_name_end(data[at_]));
  if (length == 0) return refuse(refusal, 400, "empty field name");
  field_.name = {mark_, length};
  field_.known = proto::environ_key_of_header(data + mark_, length);
  ++at_;
  phase_ = Phase::kValueStart;
  return ParseResult::kDone;
}

ParseResult HeadParser::read_value_start(const char* data, size_t window) {
  while (at_ != window && proto::is_blank(data[at_])) ++at_;
  if (at_ == window) return ParseResult::kNeedMore;
  mark_ = at_;
  phase_ = Phase::kValue;
  return ParseResult::kDone;
}

ParseResult HeadParser::read_value(const char* data, size_t window, Refusal& refusal) {
  at_ = static_cast<uint32_t>(proto::skip_value(data + at_, data + window) - data);
  if (at_ == window) return ParseResult::kNeedMore;
  if (data[at_] != '\r') return refuse(refusal, 400, reason_for_value_byte(data[at_]));
  uint32_t end = at_;
  while (end != mark_ && proto::is_blank(data[end - 1])) --end;
  field_.value = {mark_, end - mark_};
  ++at_;
  phase_ = Phase::kFieldLf;
  return ParseResult::kDone;
}

ParseResult HeadParser::finish_field(const char* data, RequestHead& head, Refusal& refusal) {
  ++at_;
  head.fields.push_back(field_);
  phase_ = Phase::kFieldStart;
  if (field_.known > proto::kLastObeyedKey) return ParseResult::kDone;
  refusal = rules_.add(data, field_, head);
  return refusal ? ParseResult::kRefused : ParseResult::kDone;
}

ParseResult HeadParser::finish_head(char c, RequestHead& head, Refusal& refusal) {
  if (c != '\n') return refuse(refusal, 400, "CR without LF");
  ++at_;
  head.size = at_;
  head.header_section.length = at_ - head.header_section.offset;
  refusal = rules_.finish(limits_.body_bytes, head);
  if (refusal) return ParseResult::kRefused;
  phase_ = Phase::kDone;
  return ParseResult::kDone;
}

}  // namespace tsuwsgi::http1
