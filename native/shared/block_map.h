#pragma once

#include <cstdint>

namespace tsuwsgi::shared {

/// Which blocks are taken: one bit each, in memory that somebody else owns and that starts as zeros.
class BlockMap {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  BlockMap(uint64_t* words, uint32_t blocks) : words_(words), blocks_(blocks) {}

  /// First block of `count` free neighbours, looked for from `hint` on and then from the start; kNone where there are
  /// none. Takes them.
  uint32_t allocate(uint32_t count, uint32_t hint);
  void release(uint32_t first, uint32_t count);
  /// Takes exactly these; false, and nothing is taken, where one of them is taken or does not exist.
  bool claim(uint32_t first, uint32_t count);
  void clear();

 private:
  bool taken(uint32_t block) const { return (words_[block / 64] >> (block % 64) & 1) != 0; }
  /// First free run in [from, to), to is not passed.
  uint32_t find(uint32_t count, uint32_t from, uint32_t to) const;
  void mark(uint32_t first, uint32_t count);

  uint64_t* words_;
  uint32_t blocks_;
};

}  // namespace tsuwsgi::shared
