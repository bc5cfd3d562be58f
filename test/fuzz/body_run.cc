#include "fuzz/body_run.h"

#include "base/check.h"

namespace tsuwsgi::test {
namespace {

using http1::BodyDecoder;
using Kind = BodyDecoder::Kind;

/// Feeds one piece until the decoder wants more or is finished.
void feed(BodyDecoder& decoder, const ExactCopy& piece, BodyRun& run) {
  size_t at = 0;
  while (true) {
    const BodyDecoder::Step step = decoder.next(piece.data() + at, piece.size() - at);
    TSUWSGI_CHECK(step.consumed <= piece.size() - at);
    at += step.consumed;
    run.consumed += step.consumed;
    run.kind = step.kind;
    run.refusal = step.refusal;
    if (step.kind != Kind::kData) break;
    TSUWSGI_CHECK(step.length > 0 && step.consumed >= step.length);
    TSUWSGI_CHECK(step.data + step.length == piece.data() + at);
    run.decoded.append(step.data, step.length);
    TSUWSGI_CHECK(decoder.decoded() == run.decoded.size());
  }
  if (run.kind == Kind::kNeedMore) TSUWSGI_CHECK(at == piece.size());
}

}  // namespace

std::string BodyRun::text() const {
  std::string text = kind == Kind::kEnd ? "end" : kind == Kind::kRefused ? "refused" : "need more";
  if (kind == Kind::kRefused) text += ' ' + std::to_string(refusal.status) + ' ' + refusal.reason;
  return text + " at " + std::to_string(consumed) + ": " + decoded;
}

BodyRun run_body(std::string_view bytes, const Splits& splits, const BodySetup& setup) {
  BodyDecoder decoder;
  if (setup.chunked) {
    decoder.start_chunked(setup.body_bytes, setup.trailer_bytes);
  } else {
    decoder.start_length(setup.length);
  }
  BodyRun run;
  size_t begin = 0;
  for (const size_t end : splits) {
    feed(decoder, ExactCopy(bytes.substr(begin, end - begin)), run);
    if (run.kind != Kind::kNeedMore) break;
    begin = end;
  }
  if (run.kind == Kind::kNeedMore) return run;
  const BodyDecoder::Step again = decoder.next(bytes.data(), bytes.size());
  TSUWSGI_CHECK(again.kind == run.kind && again.consumed == 0);
  return run;
}

}  // namespace tsuwsgi::test
