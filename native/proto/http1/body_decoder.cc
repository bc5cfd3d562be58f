#include "proto/http1/body_decoder.h"

#include <algorithm>

#include "proto/char_class.h"

namespace tsuwsgi::http1 {
namespace {

using proto::in_class;
using proto::is_blank;

/// 16 hexadecimal digits fill 64 bits; leading zeros count too.
constexpr uint8_t kMaxSizeDigits = 16;

uint64_t hex_value(char c) {
  if (c <= '9') return static_cast<uint64_t>(c - '0');
  return static_cast<uint64_t>(proto::ascii_lower(c) - 'a') + 10;
}

/// qdtext of RFC 9110 section 5.6.4, without the two bytes that end it.
bool is_quoted_text(char c) { return in_class(c, proto::kValue); }

}  // namespace

void BodyDecoder::start_length(uint64_t content_length) {
  *this = BodyDecoder();
  remaining_ = content_length;
  phase_ = Phase::kLengthData;
}

void BodyDecoder::start_chunked(uint64_t body_bytes_limit, uint32_t trailer_bytes_limit) {
  *this = BodyDecoder();
  body_limit_ = body_bytes_limit;
  trailer_limit_ = trailer_bytes_limit;
  phase_ = Phase::kSize;
}

BodyDecoder::Step BodyDecoder::next(const char* data, size_t size) {
  if (phase_ == Phase::kLengthData && remaining_ == 0) phase_ = Phase::kEnd;
  Step step;
  while (phase_ != Phase::kEnd && phase_ != Phase::kRefused) {
    if (step.consumed == size) return step;
    if (phase_ == Phase::kLengthData || phase_ == Phase::kChunkData) return deliver(data, size, step.consumed);
    take(data[step.consumed++]);
  }
  step.kind = phase_ == Phase::kEnd ? Kind::kEnd : Kind::kRefused;
  step.refusal = refusal_;
  return step;
}

BodyDecoder::Step BodyDecoder::deliver(const char* data, size_t size, size_t consumed) {
  Step step;
  step.kind = Kind::kData;
  step.data = data + consumed;
  step.length = static_cast<size_t>(std::min<uint64_t>(remaining_, size - consumed));
  step.consumed = consumed + step.length;
  remaining_ -= step.length;
  decoded_ += step.length;
  extension_excess_ -= std::min<uint64_t>(extension_excess_, step.length);
  if (phase_ == Phase::kChunkData && remaining_ == 0) phase_ = Phase::kDataCr;
  return step;
}

void BodyDecoder::take(char c) {
  if (phase_ == Phase::kSize) return take_size(c);
  if (in_extension()) return take_extension(c);
  if (in_trailer()) return take_trailer(c);
  take_line_end(c);
}

void BodyDecoder::take_size(char c) {
  if (in_class(c, proto::kHexDigit)) {
    if (size_digits_++ == kMaxSizeDigits) return refuse(400, "chunk size too long");
    remaining_ = remaining_ << 4 | hex_value(c);
    return;
  }
  // White space between size and ';' is "bad white space" (RFC 9110 section 5.6.3) that peers disagree about: refused.
  if (size_digits_ == 0 || (c != ';' && c != '\r')) return refuse(400, "malformed chunk size");
  phase_ = c == ';' ? Phase::kExtensionName : Phase::kSizeLf;
}

void BodyDecoder::take_extension(char c) {
  if (++extension_excess_ > trailer_limit_) return refuse(400, "chunk extensions outweigh the data");
  const bool token = in_class(c, proto::kToken);
  switch (phase_) {
    case Phase::kExtensionName:
      if (token) phase_ = Phase::kInExtensionName;
      if (!token && !is_blank(c)) refuse(400, "malformed chunk extension");
      return;
    case Phase::kInExtensionName:
      if (token) return;
      if (is_blank(c)) {
        phase_ = Phase::kAfterExtensionName;
        return;
      }
      if (c == '=') {
        phase_ = Phase::kExtensionValue;
        return;
      }
      return end_extension_part(c);
    case Phase::kAfterExtensionName:
      if (is_blank(c)) return;
      if (c != '=' && c != ';') return refuse(400, "malformed chunk extension");
      phase_ = c == '=' ? Phase::kExtensionValue : Phase::kExtensionName;
      return;
    case Phase::kExtensionValue:
      if (is_blank(c)) return;
      if (c != '"' && !token) return refuse(400, "malformed chunk extension");
      phase_ = c == '"' ? Phase::kQuoted : Phase::kInExtensionValue;
      return;
    case Phase::kInExtensionValue:
      if (!token) end_extension_part(c);
      return;
    case Phase::kQuoted:
      if (!is_quoted_text(c)) return refuse(400, "malformed chunk extension");
      if (c == '"') phase_ = Phase::kAfterQuoted;
      if (c == '\\') phase_ = Phase::kQuotedPair;
      return;
    case Phase::kQuotedPair:
      if (!is_quoted_text(c)) return refuse(400, "malformed chunk extension");
      phase_ = Phase::kQuoted;
      return;
    case Phase::kAfterQuoted:
      return end_extension_part(c);
    default:
      if (is_blank(c)) return;
      if (c != ';') return refuse(400, "malformed chunk extension");
      phase_ = Phase::kExtensionName;
  }
}

void BodyDecoder::end_extension_part(char c) {
  if (is_blank(c)) {
    phase_ = Phase::kAfterExtension;
  } else if (c == ';') {
    phase_ = Phase::kExtensionName;
  } else if (c == '\r') {
    phase_ = Phase::kSizeLf;
  } else {
    refuse(400, "malformed chunk extension");
  }
}

void BodyDecoder::take_line_end(char c) {
  switch (phase_) {
    case Phase::kSizeLf:
      if (c != '\n') return refuse(400, "CR without LF behind a chunk size");
      return finish_size();
    case Phase::kDataCr:
      return expect(c, '\r', Phase::kDataLf, "chunk data longer than its size");
    default:
      expect(c, '\n', Phase::kSize, "CR without LF behind chunk data");
  }
}

void BodyDecoder::finish_size() {
  size_digits_ = 0;
  if (remaining_ == 0) {
    phase_ = Phase::kTrailerStart;
    return;
  }
  if (remaining_ > static_cast<uint64_t>(INT64_MAX) - decoded_) return refuse(400, "chunk size overflows");
  if (body_limit_ != 0 && remaining_ > body_limit_ - decoded_) return refuse(413, "body too large");
  phase_ = Phase::kChunkData;
}

void BodyDecoder::take_trailer(char c) {
  if (++trailer_bytes_ > trailer_limit_) return refuse(431, "trailer section too large");
  switch (phase_) {
    case Phase::kTrailerStart:
      if (c == '\r') {
        phase_ = Phase::kEndLf;
      } else if (in_class(c, proto::kToken)) {
        phase_ = Phase::kTrailerName;
      } else {
        refuse(400, "invalid trailer field");
      }
      return;
    case Phase::kTrailerName:
      if (c == ':') {
        phase_ = Phase::kTrailerValue;
      } else if (!in_class(c, proto::kToken)) {
        refuse(400, "invalid trailer field");
      }
      return;
    case Phase::kTrailerValue:
      if (c == '\r') {
        phase_ = Phase::kTrailerLf;
      } else if (!in_class(c, proto::kValue)) {
        refuse(400, "invalid byte in trailer field");
      }
      return;
    case Phase::kTrailerLf:
      return expect(c, '\n', Phase::kTrailerStart, "CR without LF in trailer section");
    default:
      expect(c, '\n', Phase::kEnd, "CR without LF in trailer section");
  }
}

void BodyDecoder::refuse(uint16_t status, const char* reason) {
  refusal_ = {status, reason};
  phase_ = Phase::kRefused;
}

void BodyDecoder::expect(char c, char wanted, Phase next_phase, const char* reason) {
  if (c != wanted) return refuse(400, reason);
  phase_ = next_phase;
}

}  // namespace tsuwsgi::http1
