#include "base/shared_memory.h"

#include <cerrno>
#include <cstring>

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
  EXPECT_EQ(static_cast<char*>(second.value())[100], 0);
  std::strcpy(static_cast<char*>(first.value()) + 100, "seen");
  EXPECT_EQ(std::strcmp(static_cast<char*>(second.value()) + 100, "seen"), 0);
  base::unmap_shared_memory(first.value(), 4096);
  base::unmap_shared_memory(second.value(), 4096);
}

TEST("shared memory: what is no such descriptor cannot be mapped") {
  const auto mapped = base::map_shared_memory(-1, 4096);
  EXPECT_FALSE(mapped.ok());
  EXPECT_EQ(mapped.error().code, EBADF);
}

}  // namespace
}  // namespace tsuwsgi::test
