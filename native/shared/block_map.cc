#include "shared/block_map.h"

#include <algorithm>

namespace tsuwsgi::shared {

uint32_t BlockMap::allocate(uint32_t count, uint32_t hint) {
  if (count == 0) return 0;
  if (count > blocks_) return kNone;
  const uint32_t from = hint < blocks_ ? hint : 0;
  uint32_t first = find(count, from, blocks_);
  // A run may lie across the hint.
  const uint32_t end = static_cast<uint32_t>(std::min<uint64_t>(blocks_, uint64_t{from} + count));
  if (first == kNone) first = find(count, 0, end);
  if (first != kNone) mark(first, count);
  return first;
}

uint32_t BlockMap::find(uint32_t count, uint32_t from, uint32_t to) const {
  uint32_t run = 0;
  for (uint32_t block = from; block < to; ++block) {
    if (run == 0 && block % 64 == 0 && words_[block / 64] == ~uint64_t{0}) {
      block += 63;
      continue;
    }
    run = taken(block) ? 0 : run + 1;
    if (run == count) return block + 1 - count;
  }
  return kNone;
}

bool BlockMap::claim(uint32_t first, uint32_t count) {
  if (first > blocks_ || count > blocks_ - first) return false;
  for (uint32_t block = first; block < first + count; ++block) {
    if (taken(block)) return false;
  }
  mark(first, count);
  return true;
}

void BlockMap::mark(uint32_t first, uint32_t count) {
  for (uint32_t block = first; block < first + count; ++block) words_[block / 64] |= uint64_t{1} << (block % 64);
}

void BlockMap::release(uint32_t first, uint32_t count) {
  for (uint32_t block = first; block < first + count; ++block) words_[block / 64] &= ~(uint64_t{1} << (block % 64));
}

void BlockMap::clear() { std::fill_n(words_, (blocks_ + 63) / 64, 0); }

}  // namespace tsuwsgi::shared
