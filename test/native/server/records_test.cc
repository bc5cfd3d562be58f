#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <utility>

#include "native/harness.h"
#include "native/server/operations.h"
#include "server/body_spool.h"
#include "server/record_queue.h"
#include "server/record_resources.h"

namespace tsuwsgi::test {
namespace {

using server::BodyKind;
using server::EventType;
using server::RecordQueue;

uint64_t held(std::string body, std::atomic<uint64_t>& account) {
  const uint64_t counted = body.size();
  return reinterpret_cast<uintptr_t>(new server::HeldBody(std::move(body), counted, account));
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

uint8_t* request_with(RecordQueue& queue, BodyKind kind, uint64_t at) {
  uint8_t* record = queue.append(EventType::kRequest, size_t{server::kRequestWords} * server::kWordBytes);
  RecordQueue::put(record, server::kRequestFlags, static_cast<uint32_t>(kind) << server::kFlagBodyShift);
  RecordQueue::put(record, server::kRequestBodyAt, static_cast<uint32_t>(at));
  RecordQueue::put(record, server::kRequestBodyPointerHigh, static_cast<uint32_t>(at >> 32));
  return record;
}

TEST("record queue: records are padded, zeroed and found one behind the other") {
  RecordQueue queue;
  for (size_t size = 4; size < 60; ++size) {
    const uint8_t* record = queue.append(EventType::kBody, size);
    EXPECT_EQ(server::record_size(record), (size + 7) / 8 * 8);
    EXPECT_TRUE(server::record_type(record) == static_cast<uint8_t>(EventType::kBody));
  }
  size_t count = 0;
  for (size_t at = 0; at < queue.bytes().size(); at += server::record_size(queue.bytes().data() + at)) ++count;
  EXPECT_EQ(count, size_t{56});
  queue.append_small(EventType::kWritable, 3, 4, 5);
  const uint8_t* small = queue.bytes().data() + queue.bytes().size() - 16;
  EXPECT_EQ(server::word_at(small, 1) * 100 + server::word_at(small, 2) * 10 + server::word_at(small, 3), 345u);
  std::vector<uint8_t> out;
  queue.swap_into(out);
  EXPECT_TRUE(queue.empty() && !out.empty());
}

TEST("record resources: a memory body is taken once") {
  RecordQueue queue;
  std::atomic<uint64_t> account{10};
  uint8_t* record = request_with(queue, BodyKind::kMemory, held("body", account));
  const std::unique_ptr<server::HeldBody> body = server::take_body_memory(record);
  EXPECT_EQ(account.load(), uint64_t{10});
  EXPECT_TRUE(body != nullptr && body->take() == "body");
  EXPECT_EQ(account.load(), uint64_t{6});
  EXPECT_TRUE(server::take_body_memory(record) == nullptr);
}

TEST("record resources: undelivered records give back memory and descriptors") {
  RecordQueue queue;
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::atomic<uint64_t> account{1000};
  request_with(queue, BodyKind::kMemory, held(std::string(1000, 'b'), account));
  request_with(queue, BodyKind::kInline, 72);
  request_with(queue, BodyKind::kFile, static_cast<uint64_t>(file));
  queue.append_small(EventType::kAborted, 1, 1, 1);
  std::vector<uint8_t> records;
  queue.swap_into(records);
  server::release_event_resources(records.data(), records.size());
  EXPECT_FALSE(is_open(file));
  EXPECT_EQ(account.load(), uint64_t{0});

  const int given = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  Operations operations;
  operations.respond({1, 1}, "x").file({1, 1}, given, 0, 1).end({1, 1});
  server::release_operation_resources(operations.data(), operations.size());
  EXPECT_FALSE(is_open(given));
}

TEST("body spool: a file without a name") {
  char directory[] = "/tmp/tsuwsgi-test-XXXXXX";
  EXPECT_TRUE(::mkdtemp(directory) != nullptr);
  {
    const base::UniqueFd file = server::open_spool(directory);
    EXPECT_TRUE(file.valid());
    EXPECT_TRUE(server::append_to_spool(file.get(), std::string(100000, 's')));
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_END), off_t{100000});
    EXPECT_TRUE((::fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
    EXPECT_EQ(::rmdir(directory), 0);  // empty although the file is open
  }
  EXPECT_FALSE(server::open_spool(directory).valid());
  EXPECT_FALSE(server::append_to_spool(-1, "x"));
}

}  // namespace
}  // namespace tsuwsgi::test
