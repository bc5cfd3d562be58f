#pragma once

#include <cstddef>

#include "base/status.h"
#include "base/unique_fd.h"

namespace tsuwsgi::base {

/// Zeroed memory without a name. Whoever has the descriptor, a child process for one, can map it.
Result<UniqueFd> create_shared_memory(size_t bytes);

/// Owns a mapping, which outlives its descriptor.
class SharedMapping {
 public:
  SharedMapping() = default;
  SharedMapping(void* memory, size_t bytes) : memory_(memory), bytes_(bytes) {}
  SharedMapping(SharedMapping&& other) noexcept;
  SharedMapping& operator=(SharedMapping&& other) noexcept;
  SharedMapping(const SharedMapping&) = delete;
  SharedMapping& operator=(const SharedMapping&) = delete;
  ~SharedMapping();

  void* memory() const { return memory_; }
  size_t bytes() const { return bytes_; }

 private:
  void* memory_ = nullptr;
  size_t bytes_ = 0;
};

/// Maps the memory for reading and writing, from `offset` on, a multiple of the page size.
Result<SharedMapping> map_shared_memory(int fd, size_t bytes, size_t offset = 0);

}  // namespace tsuwsgi::base
