// The fuzz targets' checks without libFuzzer: every fixture, and some thousand simple mutations of them. A broken
// promise aborts.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/body_invariants.h"
#include "fuzz/head_invariants.h"
#include "fuzz/mutate.h"
#include "fuzz/packet_invariants.h"
#include "native/fixture_file.h"
#include "native/harness.h"
#include "native/packet.h"
#include "native/random.h"

namespace tsuwsgi::test {
namespace {

using Check = void (*)(std::string_view);

constexpr size_t kMaxSeed = 1500;
constexpr int kMutations = 12;

void replay(const char* directory, Check check) {
  for (const FixtureFile& file : read_fixtures(directory)) {
    check(file.bytes);
    if (file.bytes.size() > kMaxSeed) continue;
    Random random(hash_of(file.bytes.data(), file.bytes.size()));
    for (int i = 0; i < kMutations; ++i) {
      std::string bytes = file.bytes;
      for (size_t n = 1 + random.below(3); n > 0; --n) mutate(bytes, random);
      check(bytes);
    }
  }
}

TEST("fuzz replay: heads") {
  replay("heads/valid", check_head);
  replay("heads/invalid", check_head);
}

TEST("fuzz replay: bodies") {
  replay("bodies/valid", check_body);
  replay("bodies/invalid", check_body);
}

/// Mutations of the block keep the header true; those of the whole packet make it lie.
TEST("fuzz replay: packets") {
  for (const char* directory : {"packets/valid", "packets/invalid"}) {
    for (const FixtureFile& file : read_fixtures(directory, "uwsgi")) {
      const std::string packet = packet_of(file);
      check_packet(packet);
      Random random(hash_of(packet.data(), packet.size()));
      for (int i = 0; i < kMutations; ++i) {
        std::string bytes = packet;
        for (size_t n = 1 + random.below(3); n > 0; --n) mutate(bytes, random);
        check_packet(bytes);
        check_packet_block(bytes.substr(std::min<size_t>(4, bytes.size())));
      }
    }
  }
}

TEST("fuzz replay: nothing at all") {
  check_head("");
  check_body("");
  check_packet("");
  check_packet_block("");
}

}  // namespace
}  // namespace tsuwsgi::test
