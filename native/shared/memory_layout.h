#pragma once

#include <cstdint>

#include "shared/cache_layout.h"

namespace tsuwsgi::shared {

/// How locks and caches lie in the memory that an upgrade of the server keeps: a new version goes on with it where it
/// says the same number, and begins anew elsewhere. To be raised with any change of what is there: the structures of a
/// cache and of the lock table, what their fields mean, how keys are hashed, where the parts begin
/// (src/binding/application-memory.ts).
inline constexpr uint32_t kMemoryLayout = 1;

static_assert(sizeof(CacheItem) == 48 && sizeof(CacheCounters) == 48, "raise kMemoryLayout, then correct this");

}  // namespace tsuwsgi::shared
