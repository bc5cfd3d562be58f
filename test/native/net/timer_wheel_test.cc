#include "net/timer_wheel.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <set>

#include "native/harness.h"
#include "native/random.h"

namespace tsuwsgi::test {
namespace {

/// How late the wheel may look: its grid.
constexpr int64_t kGridMs = 64;

TEST("timer wheel: a deadline never fires early, and at most a grid step late") {
  net::TimerWheel wheel(1000);
  net::TimerNode node;
  EXPECT_EQ(wheel.next_timeout_ms(1000), -1);
  wheel.set(node, 1500);
  EXPECT_TRUE(wheel.next_timeout_ms(1000) >= 500);
  for (int64_t now = 1000; now < 1500; ++now) EXPECT_TRUE(wheel.expire(now).empty());
  EXPECT_EQ(wheel.expire(1500 + kGridMs).size(), size_t{1});
  EXPECT_FALSE(node.linked());
}

TEST("timer wheel: a deadline moves later without work, and earlier in time") {
  net::TimerWheel wheel(0);
  net::TimerNode node;
  wheel.set(node, 100);
  wheel.set(node, 5000);
  EXPECT_TRUE(wheel.expire(4999).empty());
  EXPECT_TRUE(node.linked());
  wheel.set(node, 5100);
  wheel.set(node, 5050);
  wheel.set(node, 90000);
  wheel.set(node, 5200);
  EXPECT_TRUE(wheel.expire(5199).empty());
  EXPECT_EQ(wheel.expire(5200 + kGridMs).size(), size_t{1});
}

TEST("timer wheel: deadlines beyond its range, and no deadline at all") {
  net::TimerWheel wheel(0);
  net::TimerNode day;
  net::TimerNode never;
  constexpr int64_t kDayMs = 86400000;
  wheel.set(day, kDayMs);
  wheel.set(never, std::numeric_limits<int64_t>::max() / 4);
  int64_t now = 0;
  size_t looks = 0;
  while (wheel.expire(now).empty() && ++looks < 10000) now += std::max(1, wheel.next_timeout_ms(now));
  EXPECT_TRUE(now >= kDayMs && now <= kDayMs + kGridMs);
  EXPECT_TRUE(looks < 2000);  // it looks about once a minute, not once a tick
  EXPECT_TRUE(never.linked());
  wheel.cancel(never);
  EXPECT_EQ(wheel.next_timeout_ms(now), -1);
}

TEST("timer wheel: a deadline that has passed fires at the next tick, not before and not in a loop") {
  net::TimerWheel wheel(10000);
  net::TimerNode node;
  wheel.set(node, 10);
  EXPECT_TRUE(wheel.expire(10000).empty());
  EXPECT_TRUE(wheel.next_timeout_ms(10000) > 0);
  EXPECT_EQ(wheel.expire(10000 + kGridMs).size(), size_t{1});
}

TEST("timer wheel: time that jumps by hours finds everything") {
  net::TimerWheel wheel(0);
  std::deque<net::TimerNode> nodes(3000);
  for (size_t i = 0; i < nodes.size(); ++i) wheel.set(nodes[i], static_cast<int64_t>(i) * 37);
  EXPECT_EQ(wheel.expire(7200000).size(), nodes.size());
}

TEST("timer wheel: against a sorted map") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Context context("seed " + std::to_string(seed));
    Random random(seed);
    int64_t now = static_cast<int64_t>(random.below(1000000));
    net::TimerWheel wheel(now);
    std::deque<net::TimerNode> nodes(200);
    std::map<net::TimerNode*, int64_t> expected;
    for (int step = 0; step < 3000; ++step) {
      net::TimerNode& node = nodes[random.below(nodes.size())];
      const size_t far = random.below(4) == 0 ? 300000 : 3000;
      if (random.below(8) == 0) {
        wheel.cancel(node);
        expected.erase(&node);
      } else {
        const int64_t deadline = now + static_cast<int64_t>(random.below(far)) - 100;
        wheel.set(node, deadline);
        expected[&node] = std::max(now, deadline);  // one that has passed already counts from when it was set
      }
      if (random.below(3) != 0) continue;
      now += static_cast<int64_t>(random.below(random.below(30) == 0 ? 100000 : 100));
      for (net::TimerNode* fired : wheel.expire(now)) {
        EXPECT_TRUE(expected.count(fired) == 1 && expected[fired] <= now);
        expected.erase(fired);
      }
      int64_t soonest = std::numeric_limits<int64_t>::max();
      for (const auto& [it, deadline] : expected) {
        EXPECT_TRUE(deadline > now - kGridMs);
        soonest = std::min(soonest, deadline);
      }
      const int timeout = wheel.next_timeout_ms(now);
      EXPECT_EQ(timeout < 0, expected.empty());
      if (!expected.empty()) EXPECT_TRUE(now + timeout <= std::max(soonest, now) + kGridMs);
    }
  }
}

}  // namespace
}  // namespace tsuwsgi::test
