#include "proto/http1/request_line.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "proto/http1/request_target.h"
#include "proto/request_limits.h"
#include "proto/scan.h"

namespace tsuwsgi::http1 {
namespace {

constexpr uint32_t kVersionLine = 10;  // HTTP/1.1 CR LF
constexpr uint32_t kMajor = 5;
constexpr uint32_t kMinor = 7;

ParseResult refuse(Refusal& refusal, uint16_t status, const char* reason) {
  refusal = {status, reason};
  return ParseResult::kRefused;
}

const char* reason_for_target_byte(char c) {
  if (c == '#') return "fragment in target";
  if (c == '\r' || c == '\n') return "request line without version";
  return "invalid byte in target";
}

/// Whether `c` may stand at place `index` of "HTTP/d.d\r\n".
bool fits_version(char c, uint32_t index) {
  if (index == kMajor || index == kMinor) return proto::in_class(c, proto::kDigit);
  return c == "HTTP/0.0\r\n"[index];
}

}  // namespace

ParseResult RequestLineParser::read_start(const char* data, size_t window, Refusal& refusal) {
  if (phase_ == Phase::kStart) {
    if (at_ == window) return ParseResult::kNeedMore;
    if (data[at_] == '\r') {
      phase_ = Phase::kStartLf;
      ++at_;
    }
  }
  if (phase_ == Phase::kStartLf) {
    if (at_ == window) return ParseResult::kNeedMore;
    if (data[at_] != '\n') return refuse(refusal, 400, "CR without LF before the request line");
    ++at_;
  }
  line_ = mark_ = at_;
  phase_ = Phase::kMethod;
  return ParseResult::kDone;
}

ParseResult RequestLineParser::read_method(const char* data, size_t window, RequestHead& head, Refusal& refusal) {
  const size_t stop = std::min(window, size_t{mark_} + proto::kMaxMethod + 1);
  at_ = static_cast<uint32_t>(proto::skip_token(data + at_, data + stop) - data);
  const uint32_t length = at_ - mark_;
  if (length > proto::kMaxMethod) return refuse(refusal, 501, "method too long");
  if (at_ == window) return ParseResult::kNeedMore;
  if (data[at_] != ' ' || length == 0) return refuse(refusal, 400, "invalid method");
  head.method = {mark_, length};
  if (std::string_view(data + mark_, length) == "CONNECT") {
    return refuse(refusal, 501, "CONNECT is not implemented");
  }
  mark_ = ++at_;
  phase_ = Phase::kTarget;
  return ParseResult::kDone;
}

ParseResult RequestLineParser::read_target(const char* data, size_t window, uint32_t target_bytes, RequestHead& head,
                                           Refusal& refusal) {
  const size_t stop = target_bytes == 0 ? window : std::min(window, size_t{mark_} + target_bytes + 1);
  at_ = static_cast<uint32_t>(proto::skip_target(data + at_, data + stop) - data);
  const uint32_t length = at_ - mark_;
  if (target_bytes != 0 && length > target_bytes) return refuse(refusal, 414, "target too long");
  if (at_ == window) return ParseResult::kNeedMore;
  if (data[at_] != ' ') return refuse(refusal, 400, reason_for_target_byte(data[at_]));
  if (length == 0) return refuse(refusal, 400, "empty target");
  head.target = {mark_, length};
  mark_ = ++at_;
  phase_ = Phase::kVersion;
  return ParseResult::kDone;
}

ParseResult RequestLineParser::read_version(const char* data, size_t window, RequestHead& head, Refusal& refusal) {
  const char* version = data + mark_;
  if (at_ == mark_ && window - mark_ >= kVersionLine && std::memcmp(version, "HTTP/1.1\r\n", kVersionLine) == 0) {
    at_ += kVersionLine;
    return finish(data, head, refusal);
  }
  for (; at_ - mark_ < kVersionLine; ++at_) {
    if (at_ == window) return ParseResult::kNeedMore;
    if (!fits_version(data[at_], at_ - mark_)) return refuse(refusal, 400, "invalid version");
  }
  return finish(data, head, refusal);
}

ParseResult RequestLineParser::finish(const char* data, RequestHead& head, Refusal& refusal) {
  const char* version = data + mark_;
  if (version[kMajor] != '1') return refuse(refusal, 505, "HTTP version not supported");
  // RFC 9110 section 2.5: a higher minor version is processed as the highest one that is implemented.
  head.version_minor = version[kMinor] == '0' ? 0 : 1;
  head.request_line = {line_, mark_ - line_ + kVersionLine - 2};
  refusal = split_target(data, head);
  if (refusal) return ParseResult::kRefused;
  phase_ = Phase::kDone;
  return ParseResult::kDone;
}

ParseResult RequestLineParser::parse(const char* data, size_t window, uint32_t target_bytes, RequestHead& head,
                                     Refusal& refusal) {
  ParseResult result = ParseResult::kDone;
  while (result == ParseResult::kDone && phase_ != Phase::kDone) {
    switch (phase_) {
      case Phase::kStart:
      case Phase::kStartLf:
        result = read_start(data, window, refusal);
        break;
      case Phase::kMethod:
        result = read_method(data, window, head, refusal);
        break;
      case Phase::kTarget:
        result = read_target(data, window, target_bytes, head, refusal);
        break;
      case Phase::kVersion:
        result = read_version(data, window, head, refusal);
        break;
      case Phase::kDone:
        break;
    }
  }
  return result;
}

}  // namespace tsuwsgi::http1
