#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace tsuwsgi::test {

/// Registers a micro-benchmark: `body` does the work `rounds` times.
bool add_bench(std::string name, std::function<void(size_t rounds)> body);

/// Keeps the compiler from dropping a result.
template <typename Value>
inline void keep(const Value& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace tsuwsgi::test
