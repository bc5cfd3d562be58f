#include "proto/http1/to_environ.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "proto/char_class.h"
#include "proto/environ_key_table.h"

namespace tsuwsgi::http1 {
namespace {

using proto::EnvironBlock;
using proto::EnvironPair;

constexpr std::string_view kKeyPrefix = "HTTP_";

uint32_t end_of(const EnvironBlock& block) { return static_cast<uint32_t>(block.text.size()); }

/// One bit per key that the request has given already: most heads repeat nothing, and then nothing has to be searched.
class SeenKeys {
 public:
  void note(uint16_t known) { note(words_[known / 64u], known % 64u); }

  /// Unknown names share 64 bits by a hash, so a repetition may be a mistake.
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

  std::array<uint64_t, (proto::kEnvironKeyCount + 63) / 64> words_{};
  uint64_t unknown_ = 0;
  bool repeated_ = false;
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

void append_pair(EnvironPair pair, std::string_view value, EnvironBlock& block) {
  pair.value_offset = end_of(block);
  pair.value_length = static_cast<uint32_t>(value.size());
  block.text.append(value);
  block.pairs.push_back(pair);
}

void append_known(uint16_t known, std::string_view value, SeenKeys& seen, EnvironBlock& block) {
  seen.note(known);
  EnvironPair pair;
  pair.known = known;
  append_pair(pair, value, block);
}

void append_unknown(std::string_view name, std::string_view value, SeenKeys& seen, EnvironBlock& block) {
  EnvironPair pair;
  pair.known = proto::kUnknownKey;
  pair.key_offset = end_of(block);
  if (!append_key(name, block)) return;
  pair.key_length = static_cast<uint16_t>(end_of(block) - pair.key_offset);
  seen.note_unknown({block.text.data() + pair.key_offset, pair.key_length});
  append_pair(pair, value, block);
}

/// Less than 0, 0 or more: an order of keys in which equal ones stand together.
int compare_keys(const EnvironPair& a, const EnvironPair& b, const std::string& text) {
  if (a.known != b.known) return a.known < b.known ? -1 : 1;
  if (a.key_length != b.key_length) return a.key_length < b.key_length ? -1 : 1;
  return std::memcmp(text.data() + a.key_offset, text.data() + b.key_offset, a.key_length);
}

/// The values of one key, in the order they came, as one new value of the first pair.
void join_values(const uint32_t* begin, const uint32_t* end, EnvironBlock& block) {
  EnvironPair& first = block.pairs[*begin];
  const std::string_view separator = first.known == proto::kKeyCookie ? "; " : ", ";
  const uint32_t start = end_of(block);
  for (const uint32_t* index = begin; index != end; ++index) {
    const EnvironPair& pair = block.pairs[*index];
    if (index != begin) block.text.append(separator);
    block.text.append(block.text, pair.value_offset, pair.value_length);
  }
  first.value_offset = start;
  first.value_length = end_of(block) - start;
}

/// Sorting keeps hostile heads cheap: neither many names nor many repetitions cost more than their number times its
/// logarithm, and every value is copied once.
void join_repeated(size_t first_pair, EnvironBlock& block) {
  std::vector<uint32_t> order(block.pairs.size() - first_pair);
  std::iota(order.begin(), order.end(), static_cast<uint32_t>(first_pair));
  std::sort(order.begin(), order.end(), [&block](uint32_t a, uint32_t b) {
    const int keys = compare_keys(block.pairs[a], block.pairs[b], block.text);
    return keys != 0 ? keys < 0 : a < b;
  });
  std::vector<bool> joined(block.pairs.size());
  const uint32_t* end = order.data() + order.size();
  for (const uint32_t* begin = order.data(); begin != end;) {
    const uint32_t* next = begin + 1;
    for (; next != end && compare_keys(block.pairs[*begin], block.pairs[*next], block.text) == 0; ++next) {
      joined[*next] = true;
    }
    if (next - begin > 1) join_values(begin, next, block);
    begin = next;
  }
  size_t kept = first_pair;
  for (size_t i = first_pair; i < block.pairs.size(); ++i) {
    if (!joined[i]) block.pairs[kept++] = block.pairs[i];
  }
  block.pairs.resize(kept);
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
  if (head.target_form == TargetForm::kAbsolute) append_known(proto::kKeyHost, authority, seen, block);
  for (const HeaderField& field : head.fields) {
    const std::string_view value(data + field.value.offset, field.value.length);
    if (field.known == proto::kUnknownKey) {
      append_unknown({data + field.name.offset, field.name.length}, value, seen, block);
    } else if (field.known == proto::kKeyContentLength) {
      append_known(field.known, canonical_number(value), seen, block);
    } else if (field.known != proto::kKeyHost || head.target_form != TargetForm::kAbsolute) {
      append_known(field.known, value, seen, block);
    }
  }
  if (seen.perhaps_repeated()) join_repeated(first_pair, block);
}

}  // namespace tsuwsgi::http1
