#pragma once

#include <cstddef>

#include "base/status.h"
#include "base/unique_fd.h"

namespace tsuwsgi::base {

/// Zeroed memory without a name. Whoever has the descriptor, a child process for one, can map it.
Result<UniqueFd> create_shared_memory(size_t bytes);

/// Maps the memory for reading and writing, from `offset` on, a multiple of the page size. The mapping outlives the
/// descriptor; unmap_shared_memory ends it.
Result<void*> map_shared_memory(int fd, size_t bytes, size_t offset = 0);
void unmap_shared_memory(void* memory, size_t bytes);

}  // namespace tsuwsgi::base
