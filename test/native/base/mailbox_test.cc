#include "base/mailbox.h"

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "native/harness.h"
#include "net/poller.h"

namespace tsuwsgi::test {
namespace {

TEST("mailbox: only the first post after a take asks for a wake-up") {
  base::Mailbox mailbox;
  const uint8_t bytes[] = {1, 2, 3};
  EXPECT_TRUE(mailbox.post(bytes, 3));
  EXPECT_FALSE(mailbox.post(bytes, 1));
  std::vector<uint8_t> taken;
  mailbox.take(taken);
  EXPECT_TRUE(taken == (std::vector<uint8_t>{1, 2, 3, 1}));
  EXPECT_TRUE(mailbox.post(bytes, 2));
}

TEST("mailbox: threads post, the owner waits for wake-ups and misses nothing") {
  base::Mailbox mailbox;
  net::Poller poller;
  constexpr uint32_t kEach = 5000;
  constexpr uint32_t kThreads = 3;
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (uint32_t i = 0; i < kEach; ++i) {
        const uint32_t words[2] = {thread, i};
        if (mailbox.post(reinterpret_cast<const uint8_t*>(words), sizeof words)) poller.wake();
      }
    });
  }
  uint32_t next[kThreads] = {};
  uint32_t got = 0;
  std::vector<uint8_t> taken;
  while (got < kThreads * kEach && poller.wait(5000) > 0) {
    poller.clear_wake();
    taken.clear();
    mailbox.take(taken);
    for (size_t at = 0; at < taken.size(); at += 8, ++got) {
      uint32_t words[2];
      std::memcpy(words, taken.data() + at, sizeof words);
      EXPECT_EQ(words[1], next[words[0] % kThreads]++);  // each thread's in its order
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, kThreads * kEach);
}

}  // namespace
}  // namespace tsuwsgi::test
