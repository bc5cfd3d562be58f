#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/environ.h"
#include "proto/environ_key_table.h"

namespace tsuwsgi::proto {

/// One bit per key that the request has given already: most heads repeat nothing, and then nothing has to be searched.
class SeenKeys {
 public:
  void note(uint16_t known) { note(words_[known / 64u], known % 64u); }

  /// Unknown names share 64 bits by a hash, so a repetition may be a mistake. `key` is not empty.
  void note_unknown(std::string_view key) {
    const size_t hash =
        key.size() * 7 + static_cast<unsigned char>(key.back()) * 3u + static_cast<unsigned char>(key[key.size() / 2]);
    note(unknown_, hash % 64u);
  }

  bool perhaps_repeated() const { return repeated_; }

 private:
  void note(uint64_t& word, size_t bit) {
    repeated_ |= (word >> bit & 1) != 0;
    word |= uint64_t{1} << bit;
  }

  std::array<uint64_t, (kEnvironKeyCount + 63) / 64> words_{};
  uint64_t unknown_ = 0;
  bool repeated_ = false;
};

/// What becomes of the values of one key: one value with ", " between them (Cookie: "; "), or the last of them.
enum class Repetition : uint8_t { kJoin, kKeepLast };

/// Leaves each key of the pairs from `first_pair` on once, at its first place. `rule` says how, by a pair of that key.
void resolve_repeated(size_t first_pair, EnvironBlock& block,
                      Repetition (*rule)(const EnvironPair& pair, std::string_view text));

}  // namespace tsuwsgi::proto
