#include "server/output_queue.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "native/harness.h"
#include "native/random.h"
#include "server/body_spool.h"

namespace tsuwsgi::test {
namespace {

using server::OutputQueue;

struct Ids final : server::LentBytesOwner {
  void released(uint32_t id) override { ids.push_back(id); }
  std::vector<uint32_t> ids;
};

struct Pair {
  base::UniqueFd near;
  base::UniqueFd far;

  explicit Pair(int send_buffer) {
    int fds[2] = {-1, -1};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
    near.reset(fds[0]);
    far.reset(fds[1]);
    ::setsockopt(near.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  }

  std::string receive() {
    std::string all;
    char block[4096];
    for (ssize_t got = 0; (got = ::recv(far.get(), block, sizeof block, 0)) > 0;) {
      all.append(block, static_cast<size_t>(got));
    }
    return all;
  }
};

base::UniqueFd file_of(std::string_view content) {
  base::UniqueFd file = server::open_spool("/tmp");
  server::append_to_spool(file.get(), content);
  return file;
}

std::string flush_all(OutputQueue& queue, Pair& pair, uint64_t& sent) {
  std::string got;
  for (int i = 0; i < 100000; ++i) {
    const net::IoState state = queue.flush(pair.near.get(), sent);
    got += pair.receive();
    if (state != net::IoState::kBlocked) break;
  }
  return got;
}

TEST("output queue: own bytes, lent bytes and files leave in their order, whatever the socket takes at once") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const Context context("seed " + std::to_string(seed));
    Random random(seed);
    Ids ids;
    Pair pair(4608);
    std::vector<std::string> lent(30);
    std::string expected;
    std::string got;
    uint64_t sent = 0;
    std::vector<uint32_t> given;
    {
      OutputQueue queue(&ids);
      for (uint32_t i = 0; i < lent.size(); ++i) {
        std::string& bytes = lent[i];
        bytes.assign(1 + random.below(20000), static_cast<char>('a' + i % 26));
        const size_t kind = random.below(3);
        if (kind == 0) queue.tail() += bytes;
        if (kind == 1) {
          queue.add_lent({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), i});
          given.push_back(i);
        }
        if (kind == 2) queue.add_file(file_of("skipped" + bytes), 7, bytes.size());
        expected += bytes;
        if (random.below(3) == 0) {
          queue.flush(pair.near.get(), sent);
          got += pair.receive();
        }
        EXPECT_EQ(queue.size(), expected.size() - sent);
      }
      got += flush_all(queue, pair, sent);
      EXPECT_TRUE(queue.empty());
      EXPECT_TRUE(ids.ids == given);
    }
    EXPECT_TRUE(got == expected);
    EXPECT_EQ(sent, expected.size());
    EXPECT_TRUE(ids.ids == given);
  }
}

TEST("output queue: take() puts another queue behind, lent bytes keep their owner") {
  Ids ids;
  OutputQueue front(&ids);
  OutputQueue back(&ids);
  const std::string lent = "lent";
  front.add_file(file_of("file"), 0, 4);
  back.tail() += "own";
  back.add_lent({reinterpret_cast<const uint8_t*>(lent.data()), lent.size(), 9});
  back.tail() += "last";
  front.take(back);
  EXPECT_TRUE(back.empty());
  EXPECT_TRUE(ids.ids.empty());
  Pair pair(65536);
  uint64_t sent = 0;
  EXPECT_EQ(flush_all(front, pair, sent), "fileownlentlast");
  EXPECT_TRUE(ids.ids == std::vector<uint32_t>{9});
}

TEST("output queue: what is given up comes back, once") {
  Ids ids;
  const std::string lent(100000, 'l');
  Pair pair(4608);
  uint64_t sent = 0;
  {
    OutputQueue queue(&ids);
    queue.add_lent({reinterpret_cast<const uint8_t*>(lent.data()), lent.size(), 1});
    queue.add_lent({reinterpret_cast<const uint8_t*>(lent.data()), lent.size(), 2});
    EXPECT_TRUE(queue.flush(pair.near.get(), sent) == net::IoState::kBlocked);
    queue.clear();
    EXPECT_TRUE(queue.empty());
  }
  EXPECT_TRUE(ids.ids == (std::vector<uint32_t>{1, 2}));
}

TEST("output queue: a file that became shorter cannot be completed") {
  Pair pair(65536);
  OutputQueue queue;
  base::UniqueFd file = file_of("0123456789");
  EXPECT_EQ(::ftruncate(file.get(), 4), 0);
  queue.add_file(std::move(file), 0, 10);
  uint64_t sent = 0;
  EXPECT_TRUE(queue.flush(pair.near.get(), sent) == net::IoState::kEof);
  EXPECT_EQ(sent, uint64_t{4});
}

TEST("output queue: a peer that is gone") {
  Pair pair(65536);
  pair.far.reset();
  OutputQueue queue;
  queue.tail() += "x";
  uint64_t sent = 0;
  EXPECT_TRUE(queue.flush(pair.near.get(), sent) == net::IoState::kBroken);
}

TEST("output queue: an endless answer to a client that never catches up does not keep what was sent") {
  Pair pair(4608);
  OutputQueue queue;
  uint64_t sent = 0;
  const std::string piece(10000, 'p');
  queue.tail() += piece;
  for (int i = 0; i < 2000; ++i) {
    queue.tail() += piece;
    while (queue.size() > piece.size()) {
      queue.flush(pair.near.get(), sent);
      pair.receive();
    }
  }
  EXPECT_TRUE(sent > 19000000);
  EXPECT_TRUE(queue.tail().capacity() < 1000000);
}

}  // namespace
}  // namespace tsuwsgi::test
