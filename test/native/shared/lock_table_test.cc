#include "shared/lock_table.h"

#include <thread>

#include "base/clock.h"
#include "native/harness.h"
#include "native/shared/shared_region.h"

namespace tsuwsgi::test {
namespace {

using shared::LockTable;

uint32_t self() { return static_cast<uint32_t>(::getpid()); }

TEST("locks: one holder at a time, and only it unlocks") {
  const SharedRegion region(LockTable::bytes(2));
  LockTable locks(region.memory(), 2);
  EXPECT_TRUE(locks.try_lock(0, 10));
  EXPECT_FALSE(locks.try_lock(0, 11));
  EXPECT_FALSE(locks.try_lock(0, 10));
  EXPECT_TRUE(locks.try_lock(1, 11));
  EXPECT_EQ(locks.holder(0), 10U);
  EXPECT_FALSE(locks.unlock(0, 11));
  EXPECT_TRUE(locks.unlock(0, 10));
  EXPECT_EQ(locks.holder(0), 0U);
  EXPECT_EQ(locks.releases(), 1U);
}

TEST("locks: what a dead process held is given back") {
  const SharedRegion region(LockTable::bytes(3));
  LockTable locks(region.memory(), 3);
  EXPECT_TRUE(locks.try_lock(0, 7) && locks.try_lock(1, 8) && locks.try_lock(2, 7));
  EXPECT_EQ(locks.release_all(7), 2U);
  EXPECT_EQ(locks.holder(0), 0U);
  EXPECT_EQ(locks.holder(1), 8U);
}

TEST("locks: a release that was not seen ends the wait at once, none lets it take its time") {
  const SharedRegion region(LockTable::bytes(1));
  LockTable locks(region.memory(), 1);
  const uint32_t seen = locks.releases();
  EXPECT_TRUE(locks.try_lock(0, 1) && locks.unlock(0, 1));
  locks.wait_release(seen, 60'000);
  const int64_t before = base::monotonic_us();
  locks.wait_release(locks.releases(), 20);
  EXPECT_TRUE(base::monotonic_us() - before >= 19'000);
}

TEST("locks: a waiter wakes when another process unlocks") {
  const SharedRegion region(LockTable::bytes(1));
  LockTable locks(region.memory(), 1);
  EXPECT_TRUE(locks.try_lock(0, self()));
  const pid_t child = start_child([&] {
    for (uint32_t seen = locks.releases(); !locks.try_lock(0, self()); seen = locks.releases())
      locks.wait_release(seen, 10'000);
  });
  EXPECT_TRUE(locks.unlock(0, self()));
  EXPECT_EQ(wait_child(child), 0);
  EXPECT_EQ(locks.holder(0), static_cast<uint32_t>(child));
}

TEST("locks: four processes that take turns lose no count") {
  constexpr int kProcesses = 4;
  constexpr int kTurns = 2000;
  const SharedRegion region(LockTable::bytes(1) + 64);
  LockTable locks(region.memory(), 1);
  // A plain number, which only the lock keeps right.
  auto* count = reinterpret_cast<volatile int*>(static_cast<char*>(region.memory()) + LockTable::bytes(1));
  pid_t children[kProcesses];
  for (pid_t& child : children) {
    child = start_child([&] {
      for (int turn = 0; turn < kTurns; ++turn) {
        for (uint32_t seen = locks.releases(); !locks.try_lock(0, self()); seen = locks.releases())
          locks.wait_release(seen, 1000);
        *count = *count + 1;
        locks.unlock(0, self());
      }
    });
  }
  for (const pid_t child : children) EXPECT_EQ(wait_child(child), 0);
  EXPECT_EQ(static_cast<int>(*count), kProcesses * kTurns);
}

}  // namespace
}  // namespace tsuwsgi::test
