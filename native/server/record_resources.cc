#include "server/record_resources.h"

#include "base/unique_fd.h"
#include "server/record_queue.h"

namespace tsuwsgi::server {

namespace {
BodyKind body_kind(const uint8_t* record) {
  return static_cast<BodyKind>((word_at(record, kRequestFlags) & kFlagBodyMask) >> kFlagBodyShift);
}
bool is_request(const uint8_t* record) { return record_type(record) == static_cast<uint8_t>(EventType::kRequest); }
}  // namespace

std::unique_ptr<HeldBody> take_body_memory(uint8_t* record) {
  if (!is_request(record) || body_kind(record) != BodyKind::kMemory) return nullptr;
  const uint64_t pointer = word_at(record, kRequestBodyAt) | uint64_t{word_at(record, kRequestBodyPointerHigh)} << 32;
  RecordQueue::put(record, kRequestBodyAt, 0);
  RecordQueue::put(record, kRequestBodyPointerHigh, 0);
  return std::unique_ptr<HeldBody>(reinterpret_cast<HeldBody*>(static_cast<uintptr_t>(pointer)));
}

void release_event_resources(uint8_t* records, size_t size) {
  for (size_t at = 0; at < size; at += record_size(records + at)) {
    uint8_t* record = records + at;
    take_body_memory(record);
    if (is_request(record) && body_kind(record) == BodyKind::kFile) {
      base::UniqueFd(static_cast<int>(word_at(record, kRequestBodyAt)));
    }
  }
}

void release_operation_resources(const uint8_t* records, size_t size) {
  for (size_t at = 0; at < size; at += record_size(records + at)) {
    const uint8_t* record = records + at;
    if (record_type(record) != static_cast<uint8_t>(OpType::kFile)) continue;
    base::UniqueFd(static_cast<int>(word_at(record, kOpHead)));
  }
}

}  // namespace tsuwsgi::server
