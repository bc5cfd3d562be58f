#include "fuzz/body_invariants.h"

#include <string>

#include "base/check.h"
#include "fuzz/body_run.h"
#include "fuzz/chunked_reference.h"

namespace tsuwsgi::test {
namespace {

using Kind = http1::BodyDecoder::Kind;
using Verdict = ChunkedReference::Verdict;

BodyRun check_splits(std::string_view bytes, const BodySetup& setup, Random& random) {
  const BodyRun run = run_body(bytes, whole(bytes.size()), setup);
  const std::string text = run.text();
  TSUWSGI_CHECK(run_body(bytes, at_random(bytes.size(), random), setup).text() == text);
  TSUWSGI_CHECK(run_body(bytes, byte_by_byte(bytes.size()), setup).text() == text);
  TSUWSGI_CHECK(run.decoded.size() <= run.consumed && run.consumed <= bytes.size());
  return run;
}

void check_against_reference(std::string_view bytes, const BodyRun& run) {
  const ChunkedReference reference = decode_chunked(bytes);
  if (run.kind == Kind::kEnd || reference.verdict == Verdict::kComplete) {
    TSUWSGI_CHECK(run.kind == Kind::kEnd && reference.verdict == Verdict::kComplete);
    TSUWSGI_CHECK(run.decoded == reference.decoded && run.consumed == reference.consumed);
  }
  // The decoder refuses at the first wrong byte, the reference waits for the line's end: only one direction holds.
  if (reference.verdict == Verdict::kWrong) TSUWSGI_CHECK(run.kind == Kind::kRefused);
}

void check_limited(std::string_view bytes, const BodyRun& unlimited, Random& random) {
  BodySetup setup;
  setup.body_bytes = 1 + random.below(64);
  setup.trailer_bytes = static_cast<uint32_t>(random.below(64));
  const BodyRun run = check_splits(bytes, setup, random);
  TSUWSGI_CHECK(run.decoded.size() <= setup.body_bytes);
  TSUWSGI_CHECK(unlimited.decoded.compare(0, run.decoded.size(), run.decoded) == 0);
  if (run.kind == Kind::kEnd) TSUWSGI_CHECK(unlimited.kind == Kind::kEnd && run.consumed == unlimited.consumed);
}

void check_length(std::string_view bytes, Random& random) {
  BodySetup setup;
  setup.chunked = false;
  setup.length = random.below(bytes.size() + 2);
  const BodyRun run = check_splits(bytes, setup, random);
  const bool complete = setup.length <= bytes.size();
  TSUWSGI_CHECK(run.kind == (complete ? Kind::kEnd : Kind::kNeedMore));
  TSUWSGI_CHECK(run.decoded == bytes.substr(0, setup.length) && run.consumed == run.decoded.size());
}

}  // namespace

void check_body(std::string_view bytes) {
  Random random(hash_of(bytes.data(), bytes.size()));
  BodySetup generous;
  generous.trailer_bytes = UINT32_MAX;
  const BodyRun run = check_splits(bytes, generous, random);
  check_against_reference(bytes, run);
  check_limited(bytes, run, random);
  check_length(bytes, random);
}

}  // namespace tsuwsgi::test
