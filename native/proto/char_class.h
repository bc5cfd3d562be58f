#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tsuwsgi::proto {

/// Classes of bytes in HTTP messages, one bit each.
enum CharClass : uint8_t {
  kToken = 1,   ///< tchar, RFC 9110 section 5.6.2
  kValue = 2,   ///< field-vchar, SP, HTAB: what may stand in a field value, RFC 9110 section 5.5
  kTarget = 4,  ///< visible ASCII except '#': what may stand in a request target
  kRegName =
      8,  ///< reg-name of RFC 3986 without '%' and without ',': two joined Host fields must not look like one name
  kDigit = 16,
  kHexDigit = 32,
};

namespace detail {

constexpr bool contains(const char* set, unsigned char c) {
  for (const char* p = set; *p != '\0'; ++p) {
    if (static_cast<unsigned char>(*p) == c) return true;
  }
  return false;
}

constexpr bool is_alphanumeric(unsigned c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr uint8_t classes_of(unsigned c) {
  const bool alphanumeric = is_alphanumeric(c);
  const auto byte = static_cast<unsigned char>(c);
  unsigned classes = 0;
  if (alphanumeric || (c != 0 && contains("!#$%&'*+-.^_`|~", byte))) classes |= kToken;
  if (c == '\t' || (c >= 0x20 && c != 0x7f)) classes |= kValue;
  if (c > 0x20 && c < 0x7f && c != '#') classes |= kTarget;
  if (alphanumeric || (c != 0 && contains("-._~!$&'()*+;=", byte))) classes |= kRegName;
  if (c >= '0' && c <= '9') classes |= kDigit;
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')) classes |= kHexDigit;
  return static_cast<uint8_t>(classes);
}

constexpr std::array<uint8_t, 256> make_char_classes() {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = classes_of(c);
  return table;
}

}  // namespace detail

inline constexpr std::array<uint8_t, 256> kCharClasses = detail::make_char_classes();

inline bool in_class(char c, CharClass wanted) { return (kCharClasses[static_cast<unsigned char>(c)] & wanted) != 0; }

/// First byte of [p, end) that is not in the class, or `end`.
inline const char* skip_class(const char* p, const char* end, CharClass wanted) {
  while (p != end && in_class(*p, wanted)) ++p;
  return p;
}

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Case-insensitive comparison with a name that is lower case already.
inline bool equals_lower(const char* text, size_t length, const char* lower, size_t lower_length) {
  if (length != lower_length) return false;
  for (size_t i = 0; i < length; ++i) {
    if (ascii_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

}  // namespace tsuwsgi::proto
