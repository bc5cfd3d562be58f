#pragma once

#include <cstdint>
#include <string_view>

#include "proto/char_class.h"

namespace tsuwsgi::proto {

/// Bodies are counted in signed 64-bit file offsets later on.
inline constexpr uint64_t kMaxContentLength = INT64_MAX;

enum class LengthSyntax : uint8_t { kOk, kMalformed, kOverflow };

/// Digits and nothing else (RFC 9110 section 8.6). Empty text is malformed.
inline LengthSyntax parse_content_length(std::string_view text, uint64_t& length) {
  if (text.empty()) return LengthSyntax::kMalformed;
  length = 0;
  for (const char c : text) {
    if (!in_class(c, kDigit)) return LengthSyntax::kMalformed;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (length > (kMaxContentLength - digit) / 10) return LengthSyntax::kOverflow;
    length = length * 10 + digit;
  }
  return LengthSyntax::kOk;
}

/// Without the leading zeros that the grammar allows.
inline std::string_view canonical_number(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

}  // namespace tsuwsgi::proto
