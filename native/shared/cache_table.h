#pragma once

#include <cstdint>
#include <string_view>

#include "shared/block_map.h"
#include "shared/cache_layout.h"

namespace tsuwsgi::shared {

/// The data structure of a cache: a hash table of items with their keys, whose values are in blocks. Whoever calls
/// holds the cache's mutex. A writer may die at any instruction: what it was changing is marked before, in the item's
/// state and in `dirty`, so that `recover` finds the items that are whole.
class CacheTable {
 public:
  enum class Put : uint8_t { kStored, kFull };

  CacheTable(void* memory, const CacheOptions& options);

  CacheHeader& header() { return *header_; }
  const CacheOptions& options() const { return options_; }
  CacheItem& item(Link link) { return *item_at(link); }
  std::string_view key_of(Link link) const;
  std::string_view value_of(Link link) const;
  uint32_t hash_of(std::string_view key) const;
  /// Blocks that a value of this length takes.
  uint64_t blocks_for(uint64_t bytes) const;

  /// 0 where there is none, or none any more at `now`.
  Link find(std::string_view key, int64_t now);
  /// Writes the value of `known` (from `find`; 0: a new item). The old value stays where there is no room for the new
  /// one.
  Put put(Link known, std::string_view key, std::string_view value, int64_t expires_ms, int64_t now);
  void remove(Link link);
  void clear();
  /// It was read: it is the last one to make room. Only where items are evicted.
  void touch(Link link);
  /// Removes what has expired.
  void sweep(int64_t now);
  /// The last one to hold the mutex died with it: what it was changing is put in order.
  void recover();
  bool expired(Link link, int64_t now) const;
  /// Items that were used at least once have numbers up to this.
  Link last() const { return header_->fresh; }

 private:
  class Dirty;

  CacheItem* item_at(Link link) const;
  char* block_at(uint32_t block) const;
  Link& bucket(uint32_t hash) { return buckets_[hash & (layout_.buckets - 1)]; }
  /// Makes lists and bitmap anew from the items that are whole.
  void rebuild();
  bool whole(const CacheItem& item) const;
  Link take_item(int64_t now, Link keep);
  uint32_t take_blocks(uint32_t count, int64_t now, Link keep);
  /// Makes room by what can go: expired items, else the one not used for longest. false: nothing can.
  bool make_room(int64_t now, Link keep);
  void sweep_some(int64_t now, Link keep);
  void link_in(Link link);
  void unlink(Link link);
  void push_newest(Link link);
  void leave_order(Link link);

  CacheOptions options_;
  CacheLayout layout_;
  char* memory_;
  CacheHeader* header_;
  Link* buckets_;
  BlockMap map_;
};

}  // namespace tsuwsgi::shared
