#include "base/shared_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace tsuwsgi::base {

Result<UniqueFd> create_shared_memory(size_t bytes) {
  UniqueFd fd(::memfd_create("tsuwsgi-scoreboard", MFD_CLOEXEC));
  if (!fd.valid()) return SystemError{errno, "memfd_create"};
  if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) return SystemError{errno, "ftruncate"};
  return fd;
}

Result<void*> map_shared_memory(int fd, size_t bytes, size_t offset) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (memory == MAP_FAILED) return SystemError{errno, "mmap"};
  return memory;
}

void unmap_shared_memory(void* memory, size_t bytes) { ::munmap(memory, bytes); }

}  // namespace tsuwsgi::base
