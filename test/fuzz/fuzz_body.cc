#include <cstddef>
#include <cstdint>

#include "fuzz/body_invariants.h"

/// Entry point of libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tsuwsgi::test::check_body({reinterpret_cast<const char*>(data), size});
  return 0;
}
