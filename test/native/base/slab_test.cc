#include "base/slab.h"

#include <map>
#include <vector>

#include "native/harness.h"
#include "native/random.h"

namespace tsuwsgi::test {
namespace {

struct Item {
  uint32_t slot = 0;
  uint32_t generation = 1;
  bool live = false;
  int value = 0;
  void reset() { value = 0; }
};

TEST("slab: a freed item's handle never finds its successor") {
  base::Slab<Item> slab;
  Item& first = slab.acquire();
  const uint32_t slot = first.slot;
  const uint32_t generation = first.generation;
  EXPECT_TRUE(slab.find(slot, generation) == &first);
  EXPECT_TRUE(slab.find(slot, generation + 1) == nullptr);
  EXPECT_TRUE(slab.find(slot + 1, generation) == nullptr);
  slab.release(first);
  EXPECT_TRUE(slab.find(slot, generation) == nullptr);
  Item& second = slab.acquire();
  EXPECT_EQ(second.slot, slot);
  EXPECT_TRUE(slab.find(slot, generation) == nullptr);
  EXPECT_TRUE(slab.find(slot, second.generation) == &second);
  EXPECT_TRUE(slab.find_if(slot, [](const Item&) { return false; }) == nullptr);
}

TEST("slab: addresses and handles stay right among random acquisitions and releases") {
  base::Slab<Item> slab;
  Random random(4);
  std::map<Item*, std::pair<uint32_t, uint32_t>> live;
  std::vector<std::pair<uint32_t, uint32_t>> dead;
  for (int step = 0; step < 20000; ++step) {
    if (live.empty() || random.below(20) < 11) {
      Item& item = slab.acquire();
      EXPECT_EQ(item.value, 0);
      item.value = step + 1;
      EXPECT_TRUE(live.emplace(&item, std::make_pair(item.slot, item.generation)).second);
    } else {
      auto one = live.begin();
      std::advance(one, static_cast<long>(random.below(std::min<size_t>(live.size(), 50))));
      dead.push_back(one->second);
      slab.release(*one->first);
      live.erase(one);
    }
    EXPECT_EQ(slab.live(), live.size());
  }
  for (const auto& [item, handle] : live) EXPECT_TRUE(slab.find(handle.first, handle.second) == item);
  for (const auto& [slot, generation] : dead) EXPECT_TRUE(slab.find(slot, generation) == nullptr);
  size_t visited = 0;
  slab.for_each_live([&](Item& item) { visited += live.count(&item); });
  EXPECT_EQ(visited, live.size());
}

}  // namespace
}  // namespace tsuwsgi::test
