#include "shared/cache_table.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace tsuwsgi::shared {

namespace {

/// Items that every write looks at, so that what has expired goes even where nobody asks for it.
constexpr Link kSweepStep = 4;

/// What was written before is not moved behind by the compiler. A process that dies stops between two instructions, so
/// more than their order is not needed.
void in_order() { std::atomic_signal_fence(std::memory_order_seq_cst); }

void set_state(CacheItem& item, ItemState state) {
  in_order();
  *const_cast<volatile ItemState*>(&item.state) = state;
  in_order();
}

}  // namespace

/// Lists and bitmap are being changed for as long as it lives.
class CacheTable::Dirty {
 public:
  explicit Dirty(CacheHeader* header) : header_(header), before_(header->dirty) { write(1); }
  ~Dirty() { write(before_); }
  Dirty(const Dirty&) = delete;
  Dirty& operator=(const Dirty&) = delete;

 private:
  void write(uint32_t value) {
    in_order();
    *const_cast<volatile uint32_t*>(&header_->dirty) = value;
    in_order();
  }

  CacheHeader* header_;
  uint32_t before_;  ///< they are nested
};

CacheTable::CacheTable(void* memory, const CacheOptions& options)
    : options_(options),
      layout_(options),
      memory_(static_cast<char*>(memory)),
      header_(static_cast<CacheHeader*>(memory)),
      buckets_(reinterpret_cast<Link*>(memory_ + layout_.buckets_at)),
      map_(reinterpret_cast<uint64_t*>(memory_ + layout_.bitmap_at), options.blocks) {}

CacheItem* CacheTable::item_at(Link link) const {
  return reinterpret_cast<CacheItem*>(memory_ + layout_.items_at + (link - 1) * layout_.item_stride);
}

char* CacheTable::block_at(uint32_t block) const {
  return memory_ + layout_.blocks_at + size_t{block} * options_.block_bytes;
}

std::string_view CacheTable::key_of(Link link) const {
  const CacheItem* item = item_at(link);
  return {reinterpret_cast<const char*>(item + 1), item->key_length};
}

std::string_view CacheTable::value_of(Link link) const {
  const CacheItem* item = item_at(link);
  return {block_at(item->first_block), static_cast<size_t>(item->value_length)};
}

uint32_t CacheTable::hash_of(std::string_view key) const {
  uint64_t hash = 0xcbf29ce484222325 ^ header_->seed;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 29;
  return static_cast<uint32_t>(hash * 0x9e3779b97f4a7c15 >> 32);
}

uint64_t CacheTable::blocks_for(uint64_t bytes) const {
  return (bytes + options_.block_bytes - 1) / options_.block_bytes;
}

bool CacheTable::expired(Link link, int64_t now) const {
  const CacheItem* item = item_at(link);
  return item->expires_ms != 0 && item->expires_ms <= now;
}

Link CacheTable::find(std::string_view key, int64_t now) {
  const uint32_t hash = hash_of(key);
  for (Link link = bucket(hash); link != 0; link = item(link).next) {
    if (item(link).hash != hash || key_of(link) != key) continue;
    if (!expired(link, now)) return link;
    header_->counters.expired += 1;
    remove(link);
    return 0;
  }
  return 0;
}

CacheTable::Put CacheTable::put(Link known, std::string_view key, std::string_view value, int64_t expires_ms,
                                int64_t now) {
  const Dirty dirty(header_);
  sweep_some(now, known);
  const auto count = static_cast<uint32_t>(blocks_for(value.size()));
  const bool in_place = known != 0 && item(known).block_count == count;
  const uint32_t first = in_place ? item(known).first_block : take_blocks(count, now, known);
  const Link link = first == BlockMap::kNone ? 0 : known != 0 ? known : take_item(now, 0);
  if (link == 0) {
    if (first != BlockMap::kNone) {
      map_.release(first, count);
      header_->used_blocks -= count;
    }
    header_->counters.full += 1;
    return Put::kFull;
  }
  CacheItem& it = item(link);
  set_state(it, ItemState::kWriting);
  if (known != 0 && !in_place) {
    map_.release(it.first_block, it.block_count);
    header_->used_blocks -= it.block_count;
  }
  it.first_block = first;
  it.block_count = count;
  if (!value.empty()) std::memcpy(block_at(first), value.data(), value.size());
  it.value_length = value.size();
  it.expires_ms = expires_ms;
  if (expires_ms != 0 && (header_->earliest_expiry_ms == 0 || expires_ms < header_->earliest_expiry_ms))
    header_->earliest_expiry_ms = expires_ms;
  if (known == 0) {
    it.hash = hash_of(key);
    it.key_length = static_cast<uint32_t>(key.size());
    std::memcpy(reinterpret_cast<char*>(&it + 1), key.data(), key.size());
    link_in(link);
  } else if (options_.evicts) {
    leave_order(link);
    push_newest(link);
  }
  set_state(it, ItemState::kLive);
  return Put::kStored;
}

void CacheTable::remove(Link link) {
  const Dirty dirty(header_);
  CacheItem& it = item(link);
  set_state(it, ItemState::kFree);
  unlink(link);
  map_.release(it.first_block, it.block_count);
  header_->used_blocks -= it.block_count;
  it.next = header_->free;
  header_->free = link;
}

void CacheTable::clear() {
  const Dirty dirty(header_);
  for (Link link = 1; link <= header_->fresh; ++link) set_state(item(link), ItemState::kFree);
  std::fill_n(buckets_, layout_.buckets, 0);
  map_.clear();
  header_->live = header_->used_blocks = header_->block_hint = 0;
  header_->fresh = header_->free = header_->newest = header_->oldest = header_->sweep_at = 0;
  header_->earliest_expiry_ms = 0;
}

void CacheTable::touch(Link link) {
  if (!options_.evicts || header_->newest == link) return;
  const Dirty dirty(header_);
  leave_order(link);
  push_newest(link);
}

void CacheTable::sweep(int64_t now) {
  if (header_->earliest_expiry_ms == 0 || header_->earliest_expiry_ms > now) return;
  int64_t earliest = 0;
  for (Link link = 1; link <= header_->fresh; ++link) {
    const CacheItem& it = item(link);
    if (it.state != ItemState::kLive || it.expires_ms == 0) continue;
    if (expired(link, now)) {
      header_->counters.expired += 1;
      remove(link);
    } else if (earliest == 0 || it.expires_ms < earliest) {
      earliest = it.expires_ms;
    }
  }
  header_->earliest_expiry_ms = earliest;
}

void CacheTable::sweep_some(int64_t now, Link keep) {
  if (header_->earliest_expiry_ms == 0 || header_->earliest_expiry_ms > now) return;
  for (Link step = 0; step < std::min(kSweepStep, header_->fresh); ++step) {
    header_->sweep_at = header_->sweep_at >= header_->fresh ? 1 : header_->sweep_at + 1;
    const Link link = header_->sweep_at;
    if (link == keep || item(link).state != ItemState::kLive || !expired(link, now)) continue;
    header_->counters.expired += 1;
    remove(link);
  }
}

bool CacheTable::make_room(int64_t now, Link keep) {
  const uint32_t before = header_->live;
  sweep(now);
  if (header_->live < before) return true;
  if (!options_.evicts) return false;
  const Link oldest = header_->oldest == keep && keep != 0 ? item(keep).newer : header_->oldest;
  if (oldest == 0) return false;
  header_->counters.evicted += 1;
  remove(oldest);
  return true;
}

Link CacheTable::take_item(int64_t now, Link keep) {
  do {
    if (header_->free != 0) {
      const Link link = header_->free;
      header_->free = item(link).next;
      return link;
    }
    if (header_->fresh < options_.items) return ++header_->fresh;
  } while (make_room(now, keep));
  return 0;
}

uint32_t CacheTable::take_blocks(uint32_t count, int64_t now, Link keep) {
  do {
    const uint32_t first = map_.allocate(count, header_->block_hint);
    if (first == BlockMap::kNone) continue;
    header_->block_hint = first + count;
    header_->used_blocks += count;
    return first;
  } while (make_room(now, keep));
  return BlockMap::kNone;
}

void CacheTable::link_in(Link link) {
  CacheItem& it = item(link);
  Link& head = bucket(it.hash);
  it.next = head;
  head = link;
  header_->live += 1;
  push_newest(link);
}

void CacheTable::unlink(Link link) {
  const CacheItem& it = item(link);
  Link* from = &bucket(it.hash);
  while (*from != 0 && *from != link) from = &item(*from).next;
  if (*from == link) *from = it.next;
  header_->live -= 1;
  leave_order(link);
}

void CacheTable::push_newest(Link link) {
  CacheItem& it = item(link);
  it.newer = 0;
  it.older = header_->newest;
  if (header_->newest != 0) item(header_->newest).newer = link;
  header_->newest = link;
  if (header_->oldest == 0) header_->oldest = link;
}

void CacheTable::leave_order(Link link) {
  const CacheItem& it = item(link);
  (it.newer == 0 ? header_->newest : item(it.newer).older) = it.older;
  (it.older == 0 ? header_->oldest : item(it.older).newer) = it.newer;
}

bool CacheTable::whole(const CacheItem& item) const {
  return item.state == ItemState::kLive && item.key_length <= options_.key_bytes &&
         blocks_for(item.value_length) == item.block_count;
}

void CacheTable::recover() {
  header_->counters.recoveries += 1;
  if (header_->dirty == 0) return;
  rebuild();
  in_order();
  header_->dirty = 0;
}

void CacheTable::rebuild() {
  const Link last = std::min(header_->fresh, options_.items);
  std::fill_n(buckets_, layout_.buckets, 0);
  map_.clear();
  header_->live = header_->used_blocks = header_->block_hint = 0;
  header_->free = header_->newest = header_->oldest = header_->sweep_at = 0;
  header_->fresh = last;
  for (Link link = 1; link <= last; ++link) {
    CacheItem& it = item(link);
    const bool good = whole(it) && it.hash == hash_of(key_of(link)) && map_.claim(it.first_block, it.block_count);
    if (good) {
      header_->used_blocks += it.block_count;
      link_in(link);
    } else {
      set_state(it, ItemState::kFree);
      it.next = header_->free;
      header_->free = link;
    }
  }
  header_->earliest_expiry_ms = last == 0 ? 0 : 1;
}

}  // namespace tsuwsgi::shared
