#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tsuwsgi::test {

/// Small, seeded and the same on every machine (xorshift64*), so that a failure can be repeated.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}

  uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }

  /// 0 … bound-1.
  size_t below(size_t bound) { return static_cast<size_t>((next() >> 16) % bound); }
  char byte() { return static_cast<char>(next() >> 56); }

 private:
  uint64_t state_;
};

/// FNV-1a: a seed that depends on the input alone.
inline uint64_t hash_of(const char* data, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<unsigned char>(data[i])) * 0x100000001b3u;
  return hash;
}

}  // namespace tsuwsgi::test
