// Every file of test/fixtures/http1/bodies is a case; the README.md beside them describes the format.
#include <string>
#include <utility>

#include "fuzz/body_run.h"
#include "native/fixture_file.h"
#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using Kind = http1::BodyDecoder::Kind;

constexpr int kRandomSplits = 20;

BodySetup setup_of(const FixtureFile& file) {
  BodySetup setup;
  setup.chunked = !file.has("length");
  setup.length = std::stoull(file.get("length", "0"));
  setup.body_bytes = std::stoull(file.get("body-bytes", "0"));
  setup.trailer_bytes = static_cast<uint32_t>(std::stoull(file.get("trailer-bytes", "8192")));
  return setup;
}

void check_file(const FixtureFile& file) {
  EXPECT_EQ(file.error, "");
  const BodySetup setup = setup_of(file);
  const BodyRun run = run_body(file.bytes, whole(file.bytes.size()), setup);
  if (file.has("refuse")) {
    EXPECT_EQ(run.kind, Kind::kRefused);
    EXPECT_EQ(std::to_string(run.refusal.status) + ' ' + run.refusal.reason, file.get("refuse", ""));
    EXPECT_EQ(run.decoded, file.get("data", ""));
  } else {
    EXPECT_EQ(run.kind, file.has("more") ? Kind::kNeedMore : Kind::kEnd);
    EXPECT_EQ(run.decoded, file.get("data", ""));
    EXPECT_EQ(file.bytes.substr(run.consumed), file.get("rest", ""));
  }
  EXPECT_EQ(run_body(file.bytes, byte_by_byte(file.bytes.size()), setup).text(), run.text());
  for (int seed = 0; seed < kRandomSplits; ++seed) {
    Random random(static_cast<uint64_t>(seed));
    EXPECT_EQ(run_body(file.bytes, at_random(file.bytes.size(), random), setup).text(), run.text());
  }
}

bool add_directory(const char* directory) {
  for (FixtureFile& file : read_fixtures(directory)) {
    std::string name = file.name;
    add_case(std::move(name), [file = std::move(file)] { check_file(file); });
  }
  return true;
}

[[maybe_unused]] const bool kValidAdded = add_directory("bodies/valid");
[[maybe_unused]] const bool kInvalidAdded = add_directory("bodies/invalid");

TEST("bodies: the fixtures are there") {
  EXPECT_TRUE(read_fixtures("bodies/valid").size() >= 15);
  EXPECT_TRUE(read_fixtures("bodies/invalid").size() >= 30);
}

}  // namespace
}  // namespace tsuwsgi::test
