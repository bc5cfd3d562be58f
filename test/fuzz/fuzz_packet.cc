#include <cstddef>
#include <cstdint>

#include "fuzz/packet_invariants.h"

/// Entry point of libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  tsuwsgi::test::check_packet(bytes);
  // Few mutations keep the header's length true: most of them would never get to the variables.
  if (size >= 4) tsuwsgi::test::check_packet_block(bytes.substr(4));
  return 0;
}
