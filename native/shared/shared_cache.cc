#include "shared/shared_cache.h"

#include <sys/random.h>

#include <charconv>

#include "base/clock.h"

namespace tsuwsgi::shared {

namespace {

/// JavaScript's numbers are exact up to here.
constexpr int64_t kLargest = (int64_t{1} << 53) - 1;

int64_t now_ms() { return base::monotonic_us() / 1000; }

int64_t expiry(int64_t ttl_ms, int64_t now) { return ttl_ms > 0 ? now + ttl_ms : 0; }

bool parse(std::string_view text, int64_t& number) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

CacheStatus compute(CacheMath operation, int64_t value, int64_t operand, int64_t& result) {
  if (operation == CacheMath::kDivide) {
    if (operand == 0) return CacheStatus::kOutOfRange;
    result = value / operand;
    return CacheStatus::kOk;
  }
  const bool overflow = operation == CacheMath::kAdd ? __builtin_add_overflow(value, operand, &result)
                                                     : __builtin_mul_overflow(value, operand, &result);
  return overflow || result > kLargest || result < -kLargest ? CacheStatus::kOutOfRange : CacheStatus::kOk;
}

}  // namespace

/// The mutex, for as long as it lives; repairs what a dead process left.
class SharedCache::Access {
 public:
  explicit Access(CacheTable& table, int64_t limit_ms = kBusyMs) : mutex_(table.header().mutex) {
    const RobustMutex::Lock lock = mutex_.lock(limit_ms);
    held_ = lock != RobustMutex::Lock::kBusy;
    if (lock != RobustMutex::Lock::kOwnerDied) return;
    table.recover();
    mutex_.consistent();
  }
  ~Access() {
    if (held_) mutex_.unlock();
  }
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  bool held() const { return held_; }

 private:
  RobustMutex& mutex_;
  bool held_ = false;
};

void SharedCache::initialize() {
  CacheHeader& header = table_.header();
  header.mutex.initialize();
  // Without randomness the cache works; only keys that collide could be guessed.
  if (::getrandom(&header.seed, sizeof(header.seed), GRND_NONBLOCK) < 0) header.seed = 0;
}

CacheStatus SharedCache::get(std::string_view key, std::string& value) {
  const Access access(table_);
  if (!access.held()) return CacheStatus::kBusy;
  const Link link = table_.find(key, now_ms());
  CacheCounters& counters = table_.header().counters;
  (link == 0 ? counters.misses : counters.hits) += 1;
  if (link == 0) return CacheStatus::kAbsent;
  value.append(table_.value_of(link));
  table_.touch(link);
  return CacheStatus::kOk;
}

CacheStatus SharedCache::exists(std::string_view key) {
  const Access access(table_);
  if (!access.held()) return CacheStatus::kBusy;
  return table_.find(key, now_ms()) == 0 ? CacheStatus::kAbsent : CacheStatus::kOk;
}

CacheStatus SharedCache::put(std::string_view key, std::string_view value, int64_t ttl_ms, CachePut when) {
  if (key.size() > table_.options().key_bytes) return CacheStatus::kKeyTooLong;
  if (value.size() > longest_value()) return CacheStatus::kValueTooLong;
  const Access access(table_);
  if (!access.held()) return CacheStatus::kBusy;
  const int64_t now = now_ms();
  const Link known = table_.find(key, now);
  if (known != 0 && when == CachePut::kIfAbsent) return CacheStatus::kExists;
  if (known == 0 && when == CachePut::kIfPresent) return CacheStatus::kAbsent;
  return store(known, key, value, expiry(ttl_ms, now), now);
}

CacheStatus SharedCache::store(Link known, std::string_view key, std::string_view value, int64_t expires_ms,
                               int64_t now) {
  const CacheTable::Put put = table_.put(known, key, value, expires_ms, now);
  return put == CacheTable::Put::kStored ? CacheStatus::kOk : CacheStatus::kFull;
}

CacheStatus SharedCache::remove(std::string_view key) {
  const Access access(table_);
  if (!access.held()) return CacheStatus::kBusy;
  const Link link = table_.find(key, now_ms());
  if (link == 0) return CacheStatus::kAbsent;
  table_.remove(link);
  return CacheStatus::kOk;
}

CacheStatus SharedCache::clear() {
  const Access access(table_);
  if (!access.held()) return CacheStatus::kBusy;
  table_.clear();
  return CacheStatus::kOk;
}

CacheStatus SharedCache::calculate(std::string_view key, CacheMath operation, int64_t operand, int64_t ttl_ms,
                                   int64_t& result) {
  if (key.size() > table_.options().key_bytes) return CacheStatus::kKeyTooLong;
  const Access access(table_);
  if (!access.held()) return CacheStatus::kBusy;
  const int64_t now = now_ms();
  const Link known = table_.find(key, now);
  int64_t value = 0;
  if (known != 0 && !parse(table_.value_of(known), value)) return CacheStatus::kNotANumber;
  const CacheStatus computed = compute(operation, value, operand, result);
  if (computed != CacheStatus::kOk) return computed;
  const int64_t kept = known == 0 ? 0 : table_.item(known).expires_ms;
  return store(known, key, std::to_string(result), ttl_ms > 0 ? now + ttl_ms : kept, now);
}

CacheStatus SharedCache::keys(std::vector<std::string>& keys) {
  const Access access(table_);
  if (!access.held()) return CacheStatus::kBusy;
  const int64_t now = now_ms();
  for (Link link = 1; link <= table_.last(); ++link) {
    if (table_.item(link).state == ItemState::kLive && !table_.expired(link, now))
      keys.emplace_back(table_.key_of(link));
  }
  return CacheStatus::kOk;
}

CacheStatus SharedCache::stats(CacheStats& stats, int64_t limit_ms) {
  const Access access(table_, limit_ms);
  if (!access.held()) return CacheStatus::kBusy;
  table_.sweep(now_ms());
  stats = {table_.header().live, table_.header().used_blocks, table_.header().counters};
  return CacheStatus::kOk;
}

uint64_t SharedCache::longest_value() const {
  const CacheOptions& options = table_.options();
  return options.several_blocks ? uint64_t{options.blocks} * options.block_bytes : options.block_bytes;
}

}  // namespace tsuwsgi::shared
