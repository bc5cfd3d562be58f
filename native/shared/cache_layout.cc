#include "shared/cache_layout.h"

namespace tsuwsgi::shared {

namespace {

constexpr size_t kCacheLine = 64;

constexpr size_t aligned(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

uint32_t power_of_two(uint32_t least) {
  uint32_t power = 1;
  while (power < least && power < (1U << 31)) power *= 2;
  return power;
}

}  // namespace

CacheLayout::CacheLayout(const CacheOptions& options)
    : buckets(power_of_two(options.items)),
      item_stride(aligned(sizeof(CacheItem) + options.key_bytes, alignof(CacheItem))),
      buckets_at(aligned(sizeof(CacheHeader), kCacheLine)),
      items_at(aligned(buckets_at + buckets * sizeof(Link), kCacheLine)),
      bitmap_at(aligned(items_at + options.items * item_stride, kCacheLine)),
      blocks_at(aligned(bitmap_at + (options.blocks + 63) / 64 * sizeof(uint64_t), kCacheLine)),
      bytes(blocks_at + size_t{options.blocks} * options.block_bytes) {}

}  // namespace tsuwsgi::shared
