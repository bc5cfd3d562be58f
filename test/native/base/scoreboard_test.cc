#include "base/scoreboard.h"

#include <cstring>
#include <memory>
#include <vector>

#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using base::LatencyHistogram;

TEST("scoreboard: buckets of a histogram follow each other, and are an eighth wide at most") {
  uint32_t last = 0;
  uint64_t start = 0;
  for (uint64_t micros = 0; micros < 100000; ++micros) {
    const uint32_t bucket = LatencyHistogram::bucket_of(micros);
    EXPECT_TRUE(bucket == last || bucket == last + 1);
    if (bucket != last) {
      EXPECT_TRUE(micros - start <= 1 || 8 * (micros - start) <= start);
      start = micros;
      last = bucket;
    }
  }
}

TEST("scoreboard: the first bucket of each doubling, and the last of all") {
  for (uint32_t doubling = 3; doubling < 32; ++doubling) {
    const uint64_t micros = uint64_t{1} << doubling;
    EXPECT_EQ(LatencyHistogram::bucket_of(micros), (doubling - 2) * 8);
    EXPECT_EQ(LatencyHistogram::bucket_of(micros - 1), (doubling - 2) * 8 - 1);
  }
  EXPECT_EQ(LatencyHistogram::bucket_of(uint64_t{1} << 32), LatencyHistogram::kBuckets - 1);
  EXPECT_EQ(LatencyHistogram::bucket_of(UINT64_MAX), LatencyHistogram::kBuckets - 1);
}

TEST("scoreboard: rows of zeros are empty, and loops' parts do not overlap") {
  constexpr uint32_t kLoops = 3;
  std::vector<std::byte> memory(base::WorkerRow::bytes(kLoops) + base::kCacheLine);
  void* start = memory.data();
  size_t space = memory.size();
  EXPECT_TRUE(std::align(base::kCacheLine, base::WorkerRow::bytes(kLoops), start, space) != nullptr);
  std::memset(start, 0, base::WorkerRow::bytes(kLoops));
  const base::WorkerRow row(start, kLoops);
  EXPECT_TRUE(row.valid() && !base::WorkerRow().valid());
  for (uint32_t loop = 0; loop < kLoops; ++loop) {
    EXPECT_EQ(row.loop(loop).counters.requests.get(), uint64_t{0});
    row.loop(loop).counters.requests.add(loop + 1);
    row.loop(loop).in_flight.back().uri.back().store(loop + 1);
  }
  row.header().cells[base::WorkerHeader::kCondemned].store(1);
  for (uint32_t loop = 0; loop < kLoops; ++loop) {
    EXPECT_EQ(row.loop(loop).counters.requests.get(), uint64_t{loop} + 1);
    EXPECT_EQ(row.loop(loop).in_flight.back().uri.back().load(), uint64_t{loop} + 1);
  }
}

}  // namespace
}  // namespace tsuwsgi::test
