#include "base/shared_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tsuwsgi::base {

Result<UniqueFd> create_shared_memory(size_t bytes) {
  UniqueFd fd(::memfd_create("tsuwsgi-shared", MFD_CLOEXEC));
  if (!fd.valid()) return SystemError{errno, "memfd_create"};
  if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) return SystemError{errno, "ftruncate"};
  return fd;
}

SharedMapping::SharedMapping(SharedMapping&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

SharedMapping& SharedMapping::operator=(SharedMapping&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SharedMapping::~SharedMapping() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

Result<SharedMapping> map_shared_memory(int fd, size_t bytes, size_t offset) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (memory == MAP_FAILED) return SystemError{errno, "mmap"};
  return SharedMapping(memory, bytes);
}

}  // namespace tsuwsgi::base
