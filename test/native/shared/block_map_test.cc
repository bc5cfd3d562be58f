#include "shared/block_map.h"

#include <vector>

#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using shared::BlockMap;

TEST("blocks: neighbours are taken, given back and found again") {
  std::vector<uint64_t> words(2, 0);
  BlockMap map(words.data(), 100);
  EXPECT_EQ(map.allocate(3, 0), 0U);
  EXPECT_EQ(map.allocate(70, 3), 3U);
  EXPECT_EQ(map.allocate(28, 73), BlockMap::kNone);
  EXPECT_EQ(map.allocate(27, 73), 73U);
  EXPECT_EQ(map.allocate(1, 0), BlockMap::kNone);
  map.release(10, 4);
  EXPECT_EQ(map.allocate(4, 90), 10U);
}

TEST("blocks: a run that lies across the hint is found") {
  std::vector<uint64_t> words(1, 0);
  BlockMap map(words.data(), 10);
  EXPECT_EQ(map.allocate(10, 0), 0U);
  map.release(3, 4);
  EXPECT_EQ(map.allocate(4, 5), 3U);
}

TEST("blocks: a claim takes all or nothing") {
  std::vector<uint64_t> words(1, 0);
  BlockMap map(words.data(), 10);
  EXPECT_TRUE(map.claim(2, 3));
  EXPECT_FALSE(map.claim(0, 3));
  EXPECT_FALSE(map.claim(8, 3));
  EXPECT_FALSE(map.claim(0xfffffff0, 0x20));
  EXPECT_TRUE(map.claim(0, 2));
  EXPECT_EQ(map.allocate(5, 0), 5U);
}

}  // namespace
}  // namespace tsuwsgi::test
