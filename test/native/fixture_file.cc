#include "native/fixture_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tsuwsgi::test {
namespace {

namespace fs = std::filesystem;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// "\{3*ab}" at text[at] (the brace) means "ababab"; `at` moves behind the closing brace.
std::string repeated(std::string_view text, size_t& at, std::string& error) {
  const size_t close = text.find('}', at);
  const size_t star = text.find('*', at);
  if (close == std::string_view::npos || star > close) {
    error = "malformed repetition";
    return {};
  }
  const size_t count = std::strtoul(std::string(text.substr(at + 1, star - at - 1)).c_str(), nullptr, 10);
  const std::string piece = unescape(text.substr(star + 1, close - star - 1), error);
  std::string result;
  for (size_t i = 0; i < count; ++i) result += piece;
  at = close + 1;
  return result;
}

/// The escape whose letter is text[at]; `at` moves behind it.
std::string unescape_one(std::string_view text, size_t& at, std::string& error) {
  const char letter = at < text.size() ? text[at] : '?';
  if (letter == '{') return repeated(text, at, error);
  if (letter == 'x' && at + 2 < text.size()) {
    const int high = hex_digit(text[at + 1]);
    const int low = hex_digit(text[at + 2]);
    if (high >= 0 && low >= 0) {
      at += 3;
      return std::string(1, static_cast<char>(high * 16 + low));
    }
  }
  constexpr std::string_view kLetters = "rnt0s\\\"";
  constexpr std::string_view kBytes("\r\n\t\0 \\\"", 7);
  const size_t index = kLetters.find(letter);
  if (index == std::string_view::npos) {
    error = "unknown escape in: " + std::string(text);
    return {};
  }
  ++at;
  return std::string(1, kBytes[index]);
}

void read_line(std::string_view line, FixtureFile& file) {
  if (line.empty() || line[0] == '#') return;
  if (line[0] == '|' || line[0] == '>') {
    file.bytes += unescape(line.substr(std::min<size_t>(2, line.size())), file.error);
    if (line[0] == '|') file.bytes += "\r\n";
    return;
  }
  const size_t space = std::min(line.find(' '), line.size());
  const std::string_view value = line.substr(std::min(space + 1, line.size()));
  file.lines.push_back({std::string(line.substr(0, space)), unescape(value, file.error)});
}

FixtureFile read_fixture(const fs::path& path, const fs::path& base) {
  FixtureFile file;
  file.name = fs::path(path).lexically_relative(base).replace_extension().string();
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) read_line(line, file);
  if (file.bytes.empty() && !file.has("empty") && !file.has("packet")) file.error = "no bytes";
  if (file.lines.empty()) file.error = "nothing expected";
  return file;
}

}  // namespace

std::string FixtureFile::get(std::string_view key, std::string_view otherwise) const {
  for (const FixtureLine& line : lines) {
    if (line.key == key) return line.value;
  }
  return std::string(otherwise);
}

bool FixtureFile::has(std::string_view key) const {
  return std::any_of(lines.begin(), lines.end(), [key](const FixtureLine& line) { return line.key == key; });
}

std::vector<FixtureFile> read_fixtures(const std::string& directory, const char* protocol) {
  const fs::path base = fs::path(TSUWSGI_FIXTURES) / protocol;
  std::vector<fs::path> paths;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(base / directory, error)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<FixtureFile> files;
  files.reserve(paths.size());
  for (const fs::path& path : paths) files.push_back(read_fixture(path, base));
  return files;
}

std::string unescape(std::string_view text, std::string& error) {
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      bytes += text[at++];
      continue;
    }
    ++at;
    bytes += unescape_one(text, at, error);
    if (!error.empty()) break;
  }
  return bytes;
}

}  // namespace tsuwsgi::test
