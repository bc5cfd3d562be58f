#include "fuzz/chunked_reference.h"

#include <cstdlib>
#include <regex>

namespace tsuwsgi::test {
namespace {

using Verdict = ChunkedReference::Verdict;

// The grammar, rule by rule. White space is allowed inside extensions, but not between the size and the first ';'.
const std::string kTokenRule = "[-!#$%&'*+.^_`|~0-9A-Za-z]+";
const std::string kQuotedRule = R"("(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*")";
const std::string kExtensionRule =
    ";[ \t]*" + kTokenRule + "(?:[ \t]*=[ \t]*(?:" + kTokenRule + "|" + kQuotedRule + "))?";

const std::regex& size_line() {
  static const std::regex rule("([0-9A-Fa-f]{1,16})(?:" + kExtensionRule + "(?:[ \t]*" + kExtensionRule + ")*)?");
  return rule;
}

const std::regex& trailer_line() {
  static const std::regex rule(kTokenRule + R"(:[\t -~\x80-\xff]*)");
  return rule;
}

/// Takes the line up to CRLF off `rest`. False where there is no line end yet.
bool take_line(std::string_view& rest, std::string& line) {
  const size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return true;
}

Verdict take_trailers(std::string_view& rest) {
  for (std::string line; take_line(rest, line);) {
    if (line.empty()) return Verdict::kComplete;
    if (!std::regex_match(line, trailer_line())) return Verdict::kWrong;
  }
  return Verdict::kIncomplete;
}

/// One chunk: kComplete means go on, `size` tells whether it was the last.
Verdict take_chunk(std::string_view& rest, std::string& decoded, unsigned long long& size) {
  std::string line;
  if (!take_line(rest, line)) return Verdict::kIncomplete;
  std::smatch match;
  if (!std::regex_match(line, match, size_line())) return Verdict::kWrong;
  size = std::strtoull(match[1].str().c_str(), nullptr, 16);
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
