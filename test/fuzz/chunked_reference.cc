#include "fuzz/chunked_reference.h"

#include <algorithm>
#include <cstdlib>

namespace tsuwsgi::test {
namespace {

using Verdict = ChunkedReference::Verdict;

constexpr std::string_view kTokenBytes =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
constexpr size_t kMaxSizeDigits = 16;

// Each `eat` takes what one grammar rule matches off the front of a line and tells whether there was something.

bool eat_any(std::string_view& line, std::string_view bytes) {
  const size_t length = std::min(line.find_first_not_of(bytes), line.size());
  line.remove_prefix(length);
  return length > 0;
}

bool eat_byte(std::string_view& line, char byte) {
  if (line.empty() || line[0] != byte) return false;
  line.remove_prefix(1);
  return true;
}

bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

bool eat_quoted(std::string_view& line) {
  if (!eat_byte(line, '"')) return false;
  for (size_t i = 0; i < line.size() && is_text(line[i]); ++i) {
    if (line[i] == '"') {
      line.remove_prefix(i + 1);
      return true;
    }
    if (line[i] == '\\' && (++i == line.size() || !is_text(line[i]))) return false;
  }
  return false;
}

/// `BWS ";" BWS name [ BWS "=" BWS value ]`, where the first `BWS` is missing on the first extension.
bool eat_extension(std::string_view& line, bool first) {
  if (!first) eat_any(line, " \t");
  if (!eat_byte(line, ';')) return false;
  eat_any(line, " \t");
  if (!eat_any(line, kTokenBytes)) return false;
  std::string_view rest = line;
  eat_any(rest, " \t");
  if (!eat_byte(rest, '=')) return true;
  eat_any(rest, " \t");
  line = rest;
  return eat_any(line, kTokenBytes) || eat_quoted(line);
}

bool read_size_line(std::string_view line, unsigned long long& size) {
  const std::string digits(line.substr(0, line.find_first_not_of(kHexDigits)));
  if (digits.empty() || digits.size() > kMaxSizeDigits) return false;
  size = std::strtoull(digits.c_str(), nullptr, 16);
  line.remove_prefix(digits.size());
  for (bool first = true; !line.empty(); first = false) {
    if (!eat_extension(line, first)) return false;
  }
  return true;
}

bool is_trailer(std::string_view line) {
  if (!eat_any(line, kTokenBytes) || !eat_byte(line, ':')) return false;
  return std::all_of(line.begin(), line.end(), is_text);
}

/// Takes the line up to CRLF off `rest`. False where there is no line end yet.
bool take_line(std::string_view& rest, std::string_view& line) {
  const size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return true;
}

Verdict take_trailers(std::string_view& rest) {
  for (std::string_view line; take_line(rest, line);) {
    if (line.empty()) return Verdict::kComplete;
    if (!is_trailer(line)) return Verdict::kWrong;
  }
  return Verdict::kIncomplete;
}

/// One chunk: kComplete means go on, `size` tells whether it was the last.
Verdict take_chunk(std::string_view& rest, std::string& decoded, unsigned long long& size) {
  std::string_view line;
  if (!take_line(rest, line)) return Verdict::kIncomplete;
  if (!read_size_line(line, size)) return Verdict::kWrong;
  if (size == 0) return Verdict::kComplete;
  if (size > static_cast<unsigned long long>(INT64_MAX) - decoded.size()) return Verdict::kWrong;
  if (rest.size() < size || rest.size() - size < 2) return Verdict::kIncomplete;
  decoded += rest.substr(0, size);
  rest.remove_prefix(size);
  if (rest.substr(0, 2) != "\r\n") return Verdict::kWrong;
  rest.remove_prefix(2);
  return Verdict::kComplete;
}

}  // namespace

ChunkedReference decode_chunked(std::string_view bytes) {
  ChunkedReference result;
  std::string_view rest = bytes;
  unsigned long long size = 1;
  do {
    result.verdict = take_chunk(rest, result.decoded, size);
  } while (result.verdict == Verdict::kComplete && size != 0);
  if (result.verdict == Verdict::kComplete) result.verdict = take_trailers(rest);
  result.consumed = bytes.size() - rest.size();
  return result;
}

}  // namespace tsuwsgi::test
