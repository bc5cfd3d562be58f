#include "proto/http1/host_syntax.h"

#include "proto/char_class.h"

namespace tsuwsgi::http1 {
namespace {

using proto::in_class;

/// `*DIGIT` up to 65535; RFC 3986 allows it to be empty.
bool is_valid_port(const char* p, const char* end) {
  if (end - p > 5) return false;
  unsigned port = 0;
  for (; p != end; ++p) {
    if (!in_class(*p, proto::kDigit)) return false;
    port = port * 10 + static_cast<unsigned>(*p - '0');
  }
  return port <= 65535;
}

/// Nothing, or a colon and a port.
bool is_valid_port_part(const char* p, const char* end) { return p == end || (*p == ':' && is_valid_port(p + 1, end)); }

/// One decimal number 0 … 255 without leading zeros; null where there is none.
const char* skip_octet(const char* p, const char* end) {
  const char* start = p;
  unsigned value = 0;
  while (p != end && p - start < 3 && in_class(*p, proto::kDigit))
    value = value * 10 + static_cast<unsigned>(*p++ - '0');
  const bool leading_zero = p - start > 1 && *start == '0';
  return p == start || leading_zero || value > 255 ? nullptr : p;
}

bool is_valid_ipv4(const char* p, const char* end) {
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0 && (p == end || *p++ != '.')) return false;
    p = skip_octet(p, end);
    if (p == nullptr) return false;
  }
  return p == end;
}

/// RFC 3986 section 3.2.2: eight groups, or fewer around one "::"; the last two may be an IPv4 address.
bool is_valid_ipv6(const char* p, const char* end) {
  int groups = 0;
  bool compressed = false;
  bool after_separator = true;
  if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
    compressed = true;
    p += 2;
  }
  while (p != end) {
    const char* start = p;
    while (p != end && p - start < 5 && in_class(*p, proto::kHexDigit)) ++p;
    if (p != end && *p == '.') {
      groups += 2;
      return is_valid_ipv4(start, end) && (compressed ? groups <= 7 : groups == 8);
    }
    if (p == start || p - start > 4) return false;
    ++groups;
    after_separator = false;
    if (p == end) break;
    if (*p++ != ':') return false;
    after_separator = true;
    if (p != end && *p == ':') {
      if (compressed) return false;
      compressed = true;
      after_separator = false;
      ++p;
    }
  }
  return compressed ? groups <= 7 && !(after_separator && groups > 0) : groups == 8 && !after_separator;
}

bool is_valid_ip_literal(const char* p, const char* end) {
  const char* close = p;
  while (close != end && *close != ']') ++close;
  return close != end && is_valid_ipv6(p, close) && is_valid_port_part(close + 1, end);
}

/// Null where a '%' has no two hexadecimal digits behind it.
const char* skip_reg_name(const char* p, const char* end) {
  while (p != end) {
    p = proto::skip_class(p, end, proto::kRegName);
    if (p == end || *p != '%') return p;
    if (end - p < 3 || !in_class(p[1], proto::kHexDigit) || !in_class(p[2], proto::kHexDigit)) return nullptr;
    p += 3;
  }
  return p;
}

}  // namespace

bool is_valid_host(const char* text, size_t length) {
  const char* end = text + length;
  if (length == 0) return false;
  if (*text == '[') return is_valid_ip_literal(text + 1, end);
  const char* name_end = skip_reg_name(text, end);
  return name_end != nullptr && name_end != text && is_valid_port_part(name_end, end);
}

}  // namespace tsuwsgi::http1
