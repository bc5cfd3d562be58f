#include "proto/http1/to_environ.h"

#include <array>
#include <cstring>
#include <string_view>

#include "proto/char_class.h"
#include "proto/environ_key_table.h"

namespace tsuwsgi::http1 {
namespace {

using proto::EnvironBlock;
using proto::EnvironPair;

constexpr std::string_view kKeyPrefix = "HTTP_";

uint32_t end_of(const EnvironBlock& block) { return static_cast<uint32_t>(block.text.size()); }

/// One bit per key that the request has given already, so that only real repetitions are searched for.
class SeenKeys {
 public:
  bool test_and_set(uint16_t known) {
    uint64_t& word = words_[known / 64u];
    const uint64_t bit = uint64_t{1} << (known % 64u);
    const bool seen = (word & bit) != 0;
    word |= bit;
    return seen;
  }

  /// Unknown names share 64 bits by a hash: a hit means "perhaps".
  bool test_and_set_unknown(std::string_view key) {
    const size_t hash =
        key.size() * 7 + static_cast<unsigned char>(key.back()) * 3u + static_cast<unsigned char>(key[key.size() / 2]);
    const uint64_t bit = uint64_t{1} << (hash % 64u);
    const bool seen = (unknown_ & bit) != 0;
    unknown_ |= bit;
    return seen;
  }

 private:
  std::array<uint64_t, (proto::kEnvironKeyCount + 63) / 64> words_{};
  uint64_t unknown_ = 0;
};

/// Appends "HTTP_" and the name in capitals with '_' for '-'. False, and nothing appended, for names that may not
/// become keys.
bool append_key(std::string_view name, EnvironBlock& block) {
  if (proto::equals_lower(name.data(), name.size(), "proxy", 5)) return false;
  const size_t start = block.text.size();
  block.text.append(kKeyPrefix);
  for (const char c : name) {
    if (c == '_') {
      block.text.resize(start);
      return false;
    }
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    block.text.push_back(upper == '-' ? '_' : upper);
  }
  return true;
}

void join(EnvironPair& pair, std::string_view value, EnvironBlock& block) {
  const std::string_view separator = pair.known == proto::kKeyCookie ? "; " : ", ";
  if (pair.value_offset + pair.value_length != end_of(block)) {
    const uint32_t moved = end_of(block);
    block.text.reserve(moved + pair.value_length + separator.size() + value.size());
    block.text.append(block.text.data() + pair.value_offset, pair.value_length);
    pair.value_offset = moved;
  }
  block.text.append(separator).append(value);
  pair.value_length += static_cast<uint32_t>(separator.size() + value.size());
}

void append_pair(EnvironPair pair, std::string_view value, EnvironBlock& block) {
  pair.value_offset = end_of(block);
  pair.value_length = static_cast<uint32_t>(value.size());
  block.text.append(value);
  block.pairs.push_back(pair);
}

void append_known(uint16_t known, std::string_view value, size_t first_pair, SeenKeys& seen, EnvironBlock& block) {
  if (seen.test_and_set(known)) {
    for (size_t i = first_pair; i < block.pairs.size(); ++i) {
      if (block.pairs[i].known == known) return join(block.pairs[i], value, block);
    }
  }
  EnvironPair pair;
  pair.known = known;
  append_pair(pair, value, block);
}

EnvironPair* find_unknown(std::string_view key, size_t first_pair, EnvironBlock& block) {
  for (size_t i = first_pair; i < block.pairs.size(); ++i) {
    EnvironPair& pair = block.pairs[i];
    if (pair.known != proto::kUnknownKey || pair.key_length != key.size()) continue;
    if (std::memcmp(block.text.data() + pair.key_offset, key.data(), key.size()) == 0) return &pair;
  }
  return nullptr;
}

void append_unknown(std::string_view name, std::string_view value, size_t first_pair, SeenKeys& seen,
                    EnvironBlock& block) {
  EnvironPair pair;
  pair.known = proto::kUnknownKey;
  pair.key_offset = end_of(block);
  if (!append_key(name, block)) return;
  pair.key_length = static_cast<uint16_t>(end_of(block) - pair.key_offset);
  const std::string_view key(block.text.data() + pair.key_offset, pair.key_length);
  if (seen.test_and_set_unknown(key)) {
    EnvironPair* earlier = find_unknown(key, first_pair, block);
    if (earlier != nullptr) {
      block.text.resize(pair.key_offset);
      return join(*earlier, value, block);
    }
  }
  append_pair(pair, value, block);
}

/// Without the leading zeros that the grammar allows.
std::string_view canonical_number(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

}  // namespace

void append_environ(const RequestHead& head, const char* data, proto::EnvironBlock& block) {
  const size_t first_pair = block.pairs.size();
  SeenKeys seen;
  block.text.reserve(block.text.size() + head.header_section.length + head.authority.length +
                     head.fields.size() * kKeyPrefix.size());
  const std::string_view authority(data + head.authority.offset, head.authority.length);
  if (head.target_form == TargetForm::kAbsolute) append_known(proto::kKeyHost, authority, first_pair, seen, block);
  for (const HeaderField& field : head.fields) {
    const std::string_view value(data + field.value.offset, field.value.length);
    if (field.known == proto::kUnknownKey) {
      append_unknown({data + field.name.offset, field.name.length}, value, first_pair, seen, block);
    } else if (field.known == proto::kKeyContentLength) {
      append_known(field.known, canonical_number(value), first_pair, seen, block);
    } else if (field.known != proto::kKeyHost || head.target_form != TargetForm::kAbsolute) {
      append_known(field.known, value, first_pair, seen, block);
    }
  }
}

}  // namespace tsuwsgi::http1
