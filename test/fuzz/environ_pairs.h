#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/check.h"
#include "proto/environ.h"
#include "proto/environ_key_table.h"

namespace tsuwsgi::test {

/// Calls `visit(key, value, known)` for each pair of a block, and holds what is true of every block: texts lie inside,
/// no key comes twice, and none is one that a client could use to pass for somebody else. Returns the keys.
template <typename Visit>
std::set<std::string> check_pairs(const proto::EnvironBlock& block, const Visit& visit) {
  const std::string_view text = block.text;
  std::set<std::string> keys;
  for (const proto::EnvironPair& pair : block.pairs) {
    TSUWSGI_CHECK(size_t{pair.value_offset} + pair.value_length <= text.size());
    TSUWSGI_CHECK(size_t{pair.key_offset} + pair.key_length <= text.size());
    const bool known = pair.known != proto::kUnknownKey;
    const std::string key(known ? proto::environ_key(pair.known) : text.substr(pair.key_offset, pair.key_length));
    TSUWSGI_CHECK(keys.insert(key).second);
    TSUWSGI_CHECK(key != "HTTP_PROXY" && key != "HTTP_CONTENT_LENGTH" && key != "HTTP_CONTENT_TYPE");
    visit(key, text.substr(pair.value_offset, pair.value_length), known);
  }
  return keys;
}

}  // namespace tsuwsgi::test
