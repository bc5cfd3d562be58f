#include "base/shared_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

TEST("shared memory: two mappings of one descriptor show the same bytes, also when it is closed") {
  auto created = base::create_shared_memory(4096);
  EXPECT_TRUE(created.ok());
  auto first = base::map_shared_memory(created.value().get(), 4096);
  auto second = base::map_shared_memory(created.value().get(), 4096);
  EXPECT_TRUE(first.ok() && second.ok());
  created.value().reset();
  EXPECT_EQ(static_cast<char*>(second.value().memory())[100], 0);
  std::strcpy(static_cast<char*>(first.value().memory()) + 100, "seen");
  EXPECT_EQ(std::strcmp(static_cast<char*>(second.value().memory()) + 100, "seen"), 0);
}

bool is_mapped(void* memory) { return ::msync(memory, 4096, MS_ASYNC) == 0; }

TEST("shared memory: a mapping ends with its last owner") {
  auto created = base::create_shared_memory(4096);
  void* memory = nullptr;
  {
    base::SharedMapping kept;
    {
      auto mapped = base::map_shared_memory(created.value().get(), 4096);
      memory = mapped.value().memory();
      kept = std::move(mapped.value());
    }
    EXPECT_TRUE(kept.memory() == memory && kept.bytes() == 4096);
    EXPECT_TRUE(is_mapped(memory));
  }
  EXPECT_FALSE(is_mapped(memory));
}

TEST("shared memory: what is no such descriptor cannot be mapped") {
  const auto mapped = base::map_shared_memory(-1, 4096);
  EXPECT_FALSE(mapped.ok());
  EXPECT_EQ(mapped.error().code, EBADF);
}

}  // namespace
}  // namespace tsuwsgi::test
