#include "native/fixture_request.h"

#include "proto/environ_key_table.h"

namespace tsuwsgi::test {

proto::RequestLimits limits_of(const FixtureFile& file) {
  proto::RequestLimits limits;
  const auto number = [&file](const char* key, uint64_t otherwise) {
    return std::stoull(file.get(key, std::to_string(otherwise)));
  };
  limits.head_bytes = static_cast<uint32_t>(number("head-bytes", limits.head_bytes));
  limits.target_bytes = static_cast<uint32_t>(number("target-bytes", limits.target_bytes));
  limits.header_count = static_cast<uint32_t>(number("header-count", limits.header_count));
  limits.body_bytes = number("body-bytes", limits.body_bytes);
  return limits;
}

std::string environ_lines(const proto::EnvironBlock& block) {
  std::string text;
  for (const proto::EnvironPair& pair : block.pairs) {
    text += pair.known == proto::kUnknownKey ? block.text.substr(pair.key_offset, pair.key_length)
                                             : std::string(proto::environ_key(pair.known));
    text += '=' + block.text.substr(pair.value_offset, pair.value_length) + '\n';
  }
  return text;
}

std::string expected_environ(const FixtureFile& file) {
  std::string text;
  for (const FixtureLine& line : file.lines) {
    if (line.key == "env") text += line.value + '\n';
  }
  return text;
}

}  // namespace tsuwsgi::test
