#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/environ_keys.h"

namespace tsuwsgi::proto {

/// One environ entry: offsets into EnvironBlock::text. `known` is an id of environ_keys.h; kUnknownKey: the key is
/// text.
struct EnvironPair {
  uint16_t known = 0;
  uint16_t key_length = 0;
  uint32_t key_offset = 0;
  uint32_t value_offset = 0;
  uint32_t value_length = 0;
};

/// The environ of one request as flat data: what both protocols produce and the boundary carries.
/// Reused for request after request.
struct EnvironBlock {
  std::string text;
  std::vector<EnvironPair> pairs;
  void clear() {
    text.clear();
    pairs.clear();
  }
};

}  // namespace tsuwsgi::proto
