#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/cache_table.h"

namespace tsuwsgi::shared {

/// What became of a call; src/binding/native.ts has the same numbers.
enum class CacheStatus : uint8_t {
  kOk = 0,
  kExists = 1,
  kAbsent = 2,
  kFull = 3,
  kKeyTooLong = 4,
  kValueTooLong = 5,
  kNotANumber = 6,
  kOutOfRange = 7,
  kBusy = 8,  ///< another process holds the cache and does not go on
};

enum class CachePut : uint8_t { kAlways = 0, kIfAbsent = 1, kIfPresent = 2 };
enum class CacheMath : uint8_t { kAdd = 0, kMultiply = 1, kDivide = 2 };

struct CacheStats {
  uint32_t items = 0;
  uint32_t used_blocks = 0;
  CacheCounters counters{};
};

/// A cache in memory that processes share: every call is one short critical section. Any thread of any process may
/// call; keys and values are bytes. Times to live are in milliseconds, 0 for ever; what has expired is not there any
/// more for anybody at once, and its room is found by later writes.
class SharedCache {
 public:
  /// A critical section takes microseconds: whoever holds the cache for that long is stopped.
  static constexpr int64_t kBusyMs = 1000;

  static size_t bytes(const CacheOptions& options) { return CacheLayout(options).bytes; }

  /// Over zeroed memory that `initialize` was called for once, or will be. The memory outlives the object.
  SharedCache(void* memory, const CacheOptions& options) : table_(memory, options) {}
  void initialize();

  /// Appends the value to `value`.
  CacheStatus get(std::string_view key, std::string& value);
  CacheStatus exists(std::string_view key);
  CacheStatus put(std::string_view key, std::string_view value, int64_t ttl_ms, CachePut when);
  CacheStatus remove(std::string_view key);
  CacheStatus clear();
  /// Decimal text that stands for a whole number; an absent one counts as 0. A time to live of 0 keeps what the item
  /// has.
  CacheStatus calculate(std::string_view key, CacheMath operation, int64_t operand, int64_t ttl_ms, int64_t& result);
  CacheStatus keys(std::vector<std::string>& keys);
  /// Waits for the cache no longer than `limit_ms`.
  CacheStatus stats(CacheStats& stats, int64_t limit_ms = kBusyMs);
  /// Bytes of the longest value.
  uint64_t longest_value() const;

 private:
  class Access;

  CacheStatus store(Link known, std::string_view key, std::string_view value, int64_t expires_ms, int64_t now);

  CacheTable table_;
};

}  // namespace tsuwsgi::shared
