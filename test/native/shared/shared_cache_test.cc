#include "shared/shared_cache.h"

#include <algorithm>
#include <random>
#include <string>

#include "base/clock.h"
#include "native/harness.h"
#include "native/shared/shared_region.h"

namespace tsuwsgi::test {
namespace {

using shared::CacheMath;
using shared::CacheOptions;
using shared::CachePut;
using shared::CacheStats;
using shared::CacheStatus;
using shared::SharedCache;

CacheOptions small(uint32_t items = 4) {
  CacheOptions options;
  options.items = items;
  options.blocks = items;
  options.block_bytes = 64;
  options.key_bytes = 16;
  return options;
}

/// A cache in memory of its own.
struct Fixture {
  explicit Fixture(const CacheOptions& options = small())
      : region(SharedCache::bytes(options)), cache(region.memory(), options) {
    cache.initialize();
  }

  std::string get(std::string_view key) {
    std::string value;
    return cache.get(key, value) == CacheStatus::kOk ? value : "(none)";
  }
  CacheStatus set(std::string_view key, std::string_view value, int64_t ttl_ms = 0) {
    return cache.put(key, value, ttl_ms, CachePut::kAlways);
  }
  CacheStats stats() {
    CacheStats stats;
    cache.stats(stats);
    return stats;
  }

  SharedRegion region;
  SharedCache cache;
};

/// Until the monotonic clock has passed `ms` more milliseconds.
void pass(int64_t ms) {
  const int64_t until = base::monotonic_us() + ms * 1000;
  while (base::monotonic_us() < until) ::usleep(500);
}

TEST("cache: set, get, overwrite, add, replace, remove") {
  Fixture f;
  EXPECT_EQ(f.get("a"), "(none)");
  EXPECT_EQ(f.set("a", "one"), CacheStatus::kOk);
  EXPECT_EQ(f.get("a"), "one");
  EXPECT_EQ(f.set("a", std::string(64, 'x')), CacheStatus::kOk);
  EXPECT_EQ(f.get("a"), std::string(64, 'x'));
  EXPECT_EQ(f.cache.put("a", "two", 0, CachePut::kIfAbsent), CacheStatus::kExists);
  EXPECT_EQ(f.cache.put("b", "two", 0, CachePut::kIfPresent), CacheStatus::kAbsent);
  EXPECT_EQ(f.cache.put("b", "", 0, CachePut::kIfAbsent), CacheStatus::kOk);
  EXPECT_EQ(f.get("b"), "");
  EXPECT_EQ(f.cache.remove("a"), CacheStatus::kOk);
  EXPECT_EQ(f.cache.remove("a"), CacheStatus::kAbsent);
  EXPECT_EQ(f.cache.exists("b"), CacheStatus::kOk);
  EXPECT_EQ(f.stats().items, 1U);
  EXPECT_EQ(f.stats().used_blocks, 0U);
}

TEST("cache: bytes of any value are keys and values") {
  Fixture f;
  const std::string odd("\0\xff\n", 3);
  EXPECT_EQ(f.set(odd, odd), CacheStatus::kOk);
  EXPECT_EQ(f.get(odd), odd);
  EXPECT_EQ(f.get(std::string_view("\0", 1)), "(none)");
}

TEST("cache: limits are told apart") {
  Fixture f;
  EXPECT_EQ(f.set(std::string(17, 'k'), ""), CacheStatus::kKeyTooLong);
  EXPECT_EQ(f.set("k", std::string(65, 'v')), CacheStatus::kValueTooLong);
  for (const char* key : {"a", "b", "c", "d"}) EXPECT_EQ(f.set(key, key), CacheStatus::kOk);
  EXPECT_EQ(f.set("e", "e"), CacheStatus::kFull);
  EXPECT_EQ(f.set("a", "other"), CacheStatus::kOk);
  EXPECT_EQ(f.stats().counters.full, 1U);
}

TEST("cache: what has expired is gone, and makes room") {
  Fixture f;
  for (const char* key : {"a", "b", "c"}) f.set(key, key, 5);
  f.set("stays", "s");
  EXPECT_EQ(f.get("a"), "a");
  pass(6);
  EXPECT_EQ(f.get("a"), "(none)");
  EXPECT_EQ(f.set("e", "e"), CacheStatus::kOk);
  EXPECT_EQ(f.set("f", "f"), CacheStatus::kOk);
  EXPECT_EQ(f.set("g", "g"), CacheStatus::kOk);
  EXPECT_EQ(f.get("stays"), "s");
  EXPECT_EQ(f.stats().counters.expired, 3U);
}

TEST("cache: the item that was not used for longest makes room where that is wanted") {
  CacheOptions options = small(3);
  options.evicts = true;
  Fixture f(options);
  for (const char* key : {"a", "b", "c"}) f.set(key, key);
  EXPECT_EQ(f.get("a"), "a");
  EXPECT_EQ(f.set("d", "d"), CacheStatus::kOk);
  EXPECT_EQ(f.get("b"), "(none)");
  EXPECT_EQ(f.get("a") + f.get("c") + f.get("d"), "acd");
  EXPECT_EQ(f.stats().counters.evicted, 1U);
}

TEST("cache: a value takes neighbouring blocks, and keeps its old value where there is no room") {
  CacheOptions options = small(4);
  options.several_blocks = true;
  Fixture f(options);
  EXPECT_EQ(f.set("big", std::string(150, 'x')), CacheStatus::kOk);
  EXPECT_EQ(f.stats().used_blocks, 3U);
  EXPECT_EQ(f.set("more", std::string(100, 'y')), CacheStatus::kFull);
  EXPECT_EQ(f.set("big", std::string(129, 'z')), CacheStatus::kOk);
  EXPECT_EQ(f.set("big", std::string(256, 'z')), CacheStatus::kFull);
  EXPECT_EQ(f.get("big"), std::string(129, 'z'));
  EXPECT_EQ(f.set("big", "small"), CacheStatus::kOk);
  EXPECT_EQ(f.set("more", std::string(100, 'y')), CacheStatus::kOk);
  EXPECT_EQ(f.get("more"), std::string(100, 'y'));
}

TEST("cache: an evicting cache makes room for many blocks, never by the item it writes") {
  CacheOptions options = small(4);
  options.several_blocks = true;
  options.evicts = true;
  Fixture f(options);
  for (const char* key : {"a", "b", "c", "d"}) f.set(key, key);
  EXPECT_EQ(f.set("a", std::string(190, 'a')), CacheStatus::kOk);
  EXPECT_EQ(f.get("a"), std::string(190, 'a'));
  EXPECT_EQ(f.set("a", std::string(256, 'a')), CacheStatus::kFull);
  EXPECT_EQ(f.get("a"), std::string(190, 'a'));
}

TEST("cache: arithmetic on decimal text") {
  Fixture f;
  int64_t result = 0;
  EXPECT_EQ(f.cache.calculate("n", CacheMath::kAdd, 5, 0, result), CacheStatus::kOk);
  EXPECT_EQ(f.cache.calculate("n", CacheMath::kMultiply, -4, 0, result), CacheStatus::kOk);
  EXPECT_EQ(f.cache.calculate("n", CacheMath::kDivide, 3, 0, result), CacheStatus::kOk);
  EXPECT_EQ(result, -6);
  EXPECT_EQ(f.get("n"), "-6");
  EXPECT_EQ(f.cache.calculate("n", CacheMath::kDivide, 0, 0, result), CacheStatus::kOutOfRange);
  f.set("n", "9007199254740991");
  EXPECT_EQ(f.cache.calculate("n", CacheMath::kAdd, 1, 0, result), CacheStatus::kOutOfRange);
  EXPECT_EQ(f.get("n"), "9007199254740991");
  f.set("n", "12 apples");
  EXPECT_EQ(f.cache.calculate("n", CacheMath::kAdd, 1, 0, result), CacheStatus::kNotANumber);
}

TEST("cache: keys and clear") {
  Fixture f;
  f.set("b", "1");
  f.set("a", "2");
  std::vector<std::string> keys;
  EXPECT_EQ(f.cache.keys(keys), CacheStatus::kOk);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys.size(), size_t{2});
  EXPECT_EQ(keys.front(), "a");
  f.cache.clear();
  EXPECT_EQ(f.get("a"), "(none)");
  EXPECT_EQ(f.set("c", "3"), CacheStatus::kOk);
  EXPECT_EQ(f.stats().items, 1U);
}

/// What a value must look like: its key, repeated. So a torn or mixed-up one is noticed.
std::string value_for(std::string_view key, unsigned repeats) {
  std::string value;
  for (unsigned i = 0; i < repeats; ++i) value.append(key);
  return value;
}

bool belongs(std::string_view key, std::string_view value) {
  return value == value_for(key, static_cast<unsigned>(value.size() / key.size()));
}

CacheOptions crowded() {
  CacheOptions options = small(32);
  options.blocks = 48;
  options.several_blocks = true;
  options.evicts = true;
  return options;
}

/// Writes, reads and removes keys at random; ends the process with 1 where a value is not its key's.
void hammer(Fixture& f, unsigned seed, int turns) {
  std::minstd_rand random(seed);
  for (int turn = 0; turn < turns; ++turn) {
    const std::string key = "key" + std::to_string(10 + random() % 60);
    const unsigned action = random() % 8;
    if (action == 0) {
      f.cache.remove(key);
    } else if (action < 4) {
      f.set(key, value_for(key, static_cast<unsigned>(random() % 40)), random() % 3 == 0 ? 1 : 0);
    } else {
      std::string value;
      if (f.cache.get(key, value) == CacheStatus::kOk && !belongs(key, value)) ::_exit(1);
    }
  }
}

TEST("cache: four processes that write and read at random see whole values") {
  Fixture f(crowded());
  pid_t children[4];
  unsigned seed = 1;
  for (pid_t& child : children) child = start_child([&, seed = ++seed] { hammer(f, seed, 20'000); });
  for (const pid_t child : children) EXPECT_EQ(wait_child(child), 0);
}

TEST("cache: four processes count to the sum of what they added") {
  Fixture f;
  pid_t children[4];
  for (pid_t& child : children) {
    child = start_child([&] {
      int64_t result = 0;
      for (int turn = 0; turn < 5000; ++turn) f.cache.calculate("n", CacheMath::kAdd, 1, 0, result);
    });
  }
  for (const pid_t child : children) EXPECT_EQ(wait_child(child), 0);
  EXPECT_EQ(f.get("n"), "20000");
}

TEST("cache: processes that are killed at any moment leave whole values behind") {
  Fixture f(crowded());
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    const pid_t child = start_child([&] { hammer(f, static_cast<unsigned>(round), 1'000'000'000); });
    ::usleep(static_cast<useconds_t>(500 + random() % 2000));
    ::kill(child, SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(wait_child(child)));
    std::vector<std::string> keys;
    EXPECT_EQ(f.cache.keys(keys), CacheStatus::kOk);
    for (const std::string& key : keys) {
      std::string value;
      if (f.cache.get(key, value) == CacheStatus::kOk) EXPECT_TRUE(belongs(key, value));
    }
  }
  EXPECT_TRUE(f.stats().counters.recoveries > 0);
  f.cache.clear();
  EXPECT_EQ(f.set("whole", std::string(256, 'x')), CacheStatus::kOk);
}

TEST("cache: a stopped process that holds it makes the others fail, not wait for ever") {
  const CacheOptions options = small();
  Fixture f(options);
  const pid_t child = start_child([&] {
    static_cast<shared::CacheHeader*>(f.region.memory())->mutex.lock(1000);
    ::raise(SIGSTOP);
  });
  int status = 0;
  ::waitpid(child, &status, WUNTRACED);
  EXPECT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(f.set("a", "1"), CacheStatus::kBusy);
  CacheStats stats;
  const int64_t before = base::monotonic_us();
  EXPECT_EQ(f.cache.stats(stats, 5), CacheStatus::kBusy);
  EXPECT_TRUE(base::monotonic_us() - before < SharedCache::kBusyMs * 1000 / 2);
  ::kill(child, SIGKILL);
  wait_child(child);
  EXPECT_EQ(f.set("a", "1"), CacheStatus::kOk);
  EXPECT_EQ(f.stats().counters.recoveries, uint64_t{1});
}

}  // namespace
}  // namespace tsuwsgi::test
