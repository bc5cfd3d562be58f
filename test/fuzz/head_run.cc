#include "fuzz/head_run.h"

#include <sstream>

namespace tsuwsgi::test {
namespace {

/// Copies of everything so far are quadratic: long inputs come from one buffer.
constexpr size_t kMaxCopied = 4096;

std::ostream& operator<<(std::ostream& out, http1::Span span) { return out << span.offset << '+' << span.length; }

}  // namespace

std::string describe_head(const http1::RequestHead& head) {
  std::ostringstream out;
  out << "line " << head.request_line << " method " << head.method << " target " << head.target << " path " << head.path
      << " query " << head.query << " authority " << head.authority << " section " << head.header_section << " form "
      << static_cast<int>(head.target_form) << " minor " << int{head.version_minor} << " flags " << head.keep_alive
      << head.chunked << head.expect_continue << head.upgrade << head.path_encoded << head.has_content_length
      << " length " << head.content_length << " size " << head.size;
  for (const http1::HeaderField& field : head.fields) {
    out << " field " << field.name << ' ' << field.value << ' ' << field.known;
  }
  return out.str();
}

std::string HeadRun::text() const {
  if (result == http1::ParseResult::kRefused) return "refused " + std::to_string(refusal.status) + ' ' + refusal.reason;
  if (result == http1::ParseResult::kNeedMore) return "need more";
  return describe_head(head);
}

HeadRun run_head(std::string_view bytes, const Splits& splits, const proto::RequestLimits& limits) {
  HeadRun run;
  http1::HeadParser parser(limits);
  parser.reset();
  for (const size_t end : splits) {
    const ExactCopy copy(bytes.substr(0, end <= kMaxCopied ? end : 0));
    const char* data = end <= kMaxCopied ? copy.data() : bytes.data();
    run.seen = end;
    run.result = parser.parse(data, end, run.head, run.refusal);
    if (run.result != http1::ParseResult::kNeedMore) break;
  }
  return run;
}

}  // namespace tsuwsgi::test
