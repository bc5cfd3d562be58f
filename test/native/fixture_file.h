#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tsuwsgi::test {

/// One line of a fixture below its bytes: `key value`.
struct FixtureLine {
  std::string key;
  std::string value;
};

/// A case file of test/fixtures/http1/{heads,bodies} or test/fixtures/uwsgi/packets; the format is described in the
/// README.md beside them.
struct FixtureFile {
  std::string name;   ///< path below the fixture directory, without ".txt"
  std::string bytes;  ///< what goes to the parser
  std::vector<FixtureLine> lines;
  std::string error;  ///< not empty: the file itself is wrong

  /// Value of the only line with this key; `otherwise` where there is none.
  std::string get(std::string_view key, std::string_view otherwise) const;
  bool has(std::string_view key) const;
};

/// Reads all case files of a directory below the protocol's fixtures, in order of their names.
std::vector<FixtureFile> read_fixtures(const std::string& directory, const char* protocol = "http1");

/// Undoes the escapes of the format; sets `error` where one is unknown.
std::string unescape(std::string_view text, std::string& error);

}  // namespace tsuwsgi::test
