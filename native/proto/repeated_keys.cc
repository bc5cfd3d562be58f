#include "proto/repeated_keys.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace tsuwsgi::proto {
namespace {

uint32_t end_of(const EnvironBlock& block) { return static_cast<uint32_t>(block.text.size()); }

/// Less than 0, 0 or more: an order of keys in which equal ones stand together.
int compare_keys(const EnvironPair& a, const EnvironPair& b, const std::string& text) {
  if (a.known != b.known) return a.known < b.known ? -1 : 1;
  if (a.key_length != b.key_length) return a.key_length < b.key_length ? -1 : 1;
  return std::memcmp(text.data() + a.key_offset, text.data() + b.key_offset, a.key_length);
}

/// The values of one key, in the order they came, as one new value of the first pair.
void join_values(const uint32_t* begin, const uint32_t* end, EnvironBlock& block) {
  EnvironPair& first = block.pairs[*begin];
  const std::string_view separator = first.known == kKeyCookie ? "; " : ", ";
  const uint32_t start = end_of(block);
  for (const uint32_t* index = begin; index != end; ++index) {
    const EnvironPair& pair = block.pairs[*index];
    if (index != begin) block.text.append(separator);
    block.text.append(block.text, pair.value_offset, pair.value_length);
  }
  first.value_offset = start;
  first.value_length = end_of(block) - start;
}

void keep_last(const uint32_t* begin, const uint32_t* end, EnvironBlock& block) {
  EnvironPair& first = block.pairs[*begin];
  first.value_offset = block.pairs[end[-1]].value_offset;
  first.value_length = block.pairs[end[-1]].value_length;
}

}  // namespace

/// Sorting keeps hostile heads cheap: neither many names nor many repetitions cost more than their number times its
/// logarithm, and every value is copied once.
void resolve_repeated(size_t first_pair, EnvironBlock& block,
                      Repetition (*rule)(const EnvironPair& pair, std::string_view text)) {
  std::vector<uint32_t> order(block.pairs.size() - first_pair);
  std::iota(order.begin(), order.end(), static_cast<uint32_t>(first_pair));
  std::sort(order.begin(), order.end(), [&block](uint32_t a, uint32_t b) {
    const int keys = compare_keys(block.pairs[a], block.pairs[b], block.text);
    return keys != 0 ? keys < 0 : a < b;
  });
  std::vector<bool> gone(block.pairs.size());
  const uint32_t* end = order.data() + order.size();
  for (const uint32_t* begin = order.data(); begin != end;) {
    const uint32_t* next = begin + 1;
    for (; next != end && compare_keys(block.pairs[*begin], block.pairs[*next], block.text) == 0; ++next) {
      gone[*next] = true;
    }
    if (next - begin > 1) {
      const bool join = rule(block.pairs[*begin], block.text) == Repetition::kJoin;
      join ? join_values(begin, next, block) : keep_last(begin, next, block);
    }
    begin = next;
  }
  size_t kept = first_pair;
  for (size_t i = first_pair; i < block.pairs.size(); ++i) {
    if (!gone[i]) block.pairs[kept++] = block.pairs[i];
  }
  block.pairs.resize(kept);
}

}  // namespace tsuwsgi::proto
