#pragma once

#include <cstddef>
#include <cstdint>

#include "shared/robust_mutex.h"

namespace tsuwsgi::shared {

/// What a cache is made of (`--cache2`). Every process that maps it must say the same.
struct CacheOptions {
  uint32_t items = 0;
  uint32_t blocks = 0;
  uint32_t block_bytes = 0;
  uint32_t key_bytes = 0;       ///< of the longest key
  bool several_blocks = false;  ///< a value may take several neighbouring blocks (`bitmap`)
  bool evicts = false;          ///< the item that was not used for the longest time makes room (`purge_lru`)
};

/// Numbers of items and blocks count from 1 where they are links; 0 is none. So zeroed memory is an empty cache.
using Link = uint32_t;

enum class ItemState : uint32_t { kFree = 0, kWriting = 1, kLive = 2 };

/// Followed by the key. Only `state` says whether the rest means anything.
struct CacheItem {
  ItemState state;
  uint32_t hash;
  Link next;  ///< in its bucket, or in the list of free items
  Link newer;
  Link older;
  uint32_t key_length;
  uint32_t first_block;  ///< from 0
  uint32_t block_count;
  uint64_t value_length;
  int64_t expires_ms;  ///< CLOCK_MONOTONIC; 0: never
};

struct CacheCounters {
  uint64_t hits;
  uint64_t misses;
  uint64_t full;
  uint64_t evicted;
  uint64_t expired;
  uint64_t recoveries;
};

struct alignas(64) CacheHeader {
  RobustMutex mutex;
  uint32_t dirty;  ///< lists and bitmap are being changed: after the writer's death they must be made anew
  uint32_t seed;
  uint32_t live;
  uint32_t used_blocks;
  Link fresh;  ///< items up to this one were used at least once
  Link free;
  Link newest;
  Link oldest;
  Link sweep_at;
  uint32_t block_hint;
  int64_t earliest_expiry_ms;  ///< no item expires before; 0: none expires
  CacheCounters counters;
};

/// Where the parts are, as offsets from the header.
struct CacheLayout {
  explicit CacheLayout(const CacheOptions& options);

  uint32_t buckets;  ///< a power of two
  size_t item_stride;
  size_t buckets_at;
  size_t items_at;
  size_t bitmap_at;
  size_t blocks_at;
  size_t bytes;
};

}  // namespace tsuwsgi::shared
