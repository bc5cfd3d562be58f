#include "fuzz/packet_run.h"

#include <sstream>

namespace tsuwsgi::test {
namespace {

/// Copies of everything so far are quadratic: long inputs come from one buffer.
constexpr size_t kMaxCopied = 4096;

std::ostream& operator<<(std::ostream& out, proto::Span span) { return out << span.offset << '+' << span.length; }

std::string describe_packet(const uwsgi::RequestHead& head) {
  std::ostringstream out;
  out << "modifiers " << int{head.modifier1} << ' ' << int{head.modifier2} << " size " << head.size << " method "
      << head.method << " target " << head.target << " path " << head.path << " script " << head.script << " query "
      << head.query << " protocol " << head.protocol << " remote " << head.remote_addr << ' ' << head.remote_port << ' '
      << head.remote_user << " flags " << head.has_remote << head.https << head.http10 << head.has_content_length
      << " length " << head.content_length;
  for (const uwsgi::Var& var : head.vars) out << " var " << var.key << ' ' << var.value << ' ' << var.known;
  return out.str();
}

}  // namespace

std::string PacketRun::text() const {
  if (result == proto::ParseResult::kNeedMore) return "need more";
  if (result == proto::ParseResult::kDone) return describe_packet(head);
  std::ostringstream out;
  out << "refused " << refusal.status << ' ' << refusal.reason << " blamed " << head.blamed;
  return out.str();
}

PacketRun run_packet(std::string_view bytes, const Splits& splits, const proto::RequestLimits& limits) {
  PacketRun run;
  const uwsgi::HeadParser parser(limits);
  for (const size_t end : splits) {
    const ExactCopy copy(bytes.substr(0, end <= kMaxCopied ? end : 0));
    const char* data = end <= kMaxCopied ? copy.data() : bytes.data();
    run.seen = end;
    run.result = parser.parse(data, end, run.head, run.refusal);
    if (run.result != proto::ParseResult::kNeedMore) break;
  }
  return run;
}

}  // namespace tsuwsgi::test
