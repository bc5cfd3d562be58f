#include "base/process_barrier.h"

#include <atomic>
#include <thread>

#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

TEST("process barrier: two sides that write and then look never miss each other") {
  constexpr int kRounds = 20000;  // without the barrier one round in ten thousand misses
  std::atomic<int> begun{0}, ordered{0}, missed{0};
  std::atomic<int> round{0}, looked{0};
  std::thread often([&] {
    for (int turn = 1; turn <= kRounds; ++turn) {
      for (int spins = 0; round.load() < turn; ++spins)
        if (spins > 10000) std::this_thread::yield();
      for (volatile int wait = 0; wait < turn % 64; wait = wait + 1) {
      }
      begun.store(turn, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);  // the compiler keeps the order, the processor need not
      missed.store(ordered.load(std::memory_order_relaxed) < turn ? turn : 0, std::memory_order_relaxed);
      looked.store(turn);
    }
  });
  int both_missed = 0;
  for (int turn = 1; turn <= kRounds; ++turn) {
    round.store(turn);
    ordered.store(turn, std::memory_order_relaxed);
    EXPECT_TRUE(base::process_barrier());
    const bool not_begun = begun.load(std::memory_order_relaxed) < turn;
    while (looked.load() < turn) std::this_thread::yield();
    if (not_begun && missed.load() == turn) ++both_missed;
  }
  often.join();
  EXPECT_EQ(both_missed, 0);
}

}  // namespace
}  // namespace tsuwsgi::test
