#include "native/server/operations.h"

#include <cstring>

#include "server/record_queue.h"

namespace tsuwsgi::test {

using server::OpType;
using server::RecordQueue;

namespace {
constexpr size_t kDataAt = size_t{server::kOpData} * server::kWordBytes;
}  // namespace

size_t Operations::append(OpType type, Handle request, size_t extra) {
  const size_t at = bytes_.size();
  const size_t size = server::padded(kDataAt + extra);
  bytes_.resize(at + size);
  put(at, 0, static_cast<uint32_t>(type) << server::kTypeShift | static_cast<uint32_t>(size));
  put(at, server::kOpSlot, request.slot);
  put(at, server::kOpGeneration, request.generation);
  return at;
}

void Operations::put(size_t record, uint32_t word, uint32_t value) {
  RecordQueue::put(bytes_.data() + record, word, value);
}

void Operations::put_data(size_t record, size_t offset, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(bytes_.data() + record + kDataAt + offset, bytes.data(), bytes.size());
}

void Operations::put_head(size_t record, const ResponseOptions& options) {
  put(record, server::kOpStatus, options.flags << 16 | options.status);
  put(record, server::kOpHead, options.head_id);
  put(record, server::kOpDeclaredLow, static_cast<uint32_t>(options.declared));
  put(record, server::kOpDeclaredHigh, static_cast<uint32_t>(options.declared >> 32));
  put(record, server::kOpFields, 1);
  if (options.head_id != 0) return;
  put(record, server::kOpHeadLength, static_cast<uint32_t>(options.head.size()));
  put_data(record, 0, options.head);
}

Operations& Operations::respond(Handle request, std::string_view body, const ResponseOptions& options) {
  const size_t head = options.head_id == 0 ? options.head.size() : 0;
  const size_t record = append(OpType::kRespond, request, head + body.size());
  put_head(record, options);
  put(record, server::kOpBodyLength, static_cast<uint32_t>(body.size()));
  put_data(record, head, body);
  return *this;
}

Operations& Operations::begin(Handle request, const ResponseOptions& options) {
  put_head(append(OpType::kBegin, request, options.head.size()), options);
  return *this;
}

Operations& Operations::chunk(Handle request, std::string_view bytes) {
  const size_t record = append(OpType::kChunk, request, bytes.size());
  put(record, server::kOpBodyLength, static_cast<uint32_t>(bytes.size()));
  put_data(record, 0, bytes);
  return *this;
}

Operations& Operations::lend(Handle request, uint32_t id, const void* data, size_t size) {
  const size_t record = append(OpType::kRef, request, 0);
  const uint64_t address = reinterpret_cast<uintptr_t>(data);
  put(record, server::kOpHead, id);
  put(record, server::kOpBodyLength, static_cast<uint32_t>(size));
  put(record, server::kOpDeclaredLow, static_cast<uint32_t>(address));
  put(record, server::kOpDeclaredHigh, static_cast<uint32_t>(address >> 32));
  return *this;
}

Operations& Operations::file(Handle request, int fd, uint64_t offset, uint64_t size) {
  const size_t record = append(OpType::kFile, request, 8);
  put(record, server::kOpHead, static_cast<uint32_t>(fd));
  put(record, server::kOpDeclaredLow, static_cast<uint32_t>(size));
  put(record, server::kOpDeclaredHigh, static_cast<uint32_t>(size >> 32));
  put(record, server::kOpData, static_cast<uint32_t>(offset));
  put(record, server::kOpData + 1, static_cast<uint32_t>(offset >> 32));
  return *this;
}

Operations& Operations::end(Handle request) {
  append(OpType::kEnd, request, 0);
  return *this;
}

Operations& Operations::abort(Handle request) {
  append(OpType::kAbort, request, 0);
  return *this;
}

Operations& Operations::read_body(Handle request, uint32_t bytes) {
  put(append(OpType::kReadBody, request, 0), server::kOpBodyLength, bytes);
  return *this;
}

Operations& Operations::deadline(Handle request, uint64_t limit_us) {
  const size_t record = append(OpType::kDeadline, request, 0);
  put(record, server::kOpDeclaredLow, static_cast<uint32_t>(limit_us));
  put(record, server::kOpDeclaredHigh, static_cast<uint32_t>(limit_us >> 32));
  return *this;
}

Operations& Operations::define_head(uint32_t id, const ResponseOptions& options) {
  const size_t record = append(OpType::kDefineHead, {server::kAllLoops << server::kLoopShift, 0}, options.head.size());
  put_head(record, options);
  put(record, server::kOpHead, id);
  return *this;
}

}  // namespace tsuwsgi::test
