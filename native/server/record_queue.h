#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "server/records.h"

namespace tsuwsgi::server {

inline constexpr size_t padded(size_t bytes) { return (bytes + 7) & ~size_t{7}; }

/// Reads one word of a record that lies at `record` (8-byte aligned memory is not required).
inline uint32_t word_at(const uint8_t* record, uint32_t index) {
  uint32_t value = 0;
  std::memcpy(&value, record + size_t{index} * kWordBytes, sizeof value);
  return value;
}
inline uint32_t record_size(const uint8_t* record) { return word_at(record, 0) & kSizeMask; }
inline uint8_t record_type(const uint8_t* record) { return static_cast<uint8_t>(word_at(record, 0) >> kTypeShift); }

/// Growing sequence of records in the order they were made. Belongs to one thread.
class RecordQueue {
 public:
  /// Appends a record of `size` bytes (rounded up) with word 0 filled and the rest zeroed. The pointer is valid until
  /// the next append.
  uint8_t* append(EventType type, size_t size) {
    const size_t at = bytes_.size();
    const size_t total = padded(size);
    bytes_.resize(at + total);
    put(bytes_.data() + at, 0, static_cast<uint32_t>(type) << kTypeShift | static_cast<uint32_t>(total));
    return bytes_.data() + at;
  }

  /// Appends a fixed record: type, slot, generation, two more words.
  void append_small(EventType type, uint32_t slot, uint32_t generation, uint32_t a = 0) {
    uint8_t* record = append(type, 4 * kWordBytes);
    put(record, 1, slot);
    put(record, 2, generation);
    put(record, 3, a);
  }

  static void put(uint8_t* record, uint32_t index, uint32_t value) {
    std::memcpy(record + size_t{index} * kWordBytes, &value, sizeof value);
  }

  void truncate(size_t size) { bytes_.resize(size); }

  bool empty() const { return bytes_.empty(); }
  const std::vector<uint8_t>& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }
  /// Swaps the contents with `other`, which must be empty.
  void swap_into(std::vector<uint8_t>& other) { bytes_.swap(other); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace tsuwsgi::server
