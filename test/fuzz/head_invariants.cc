#include "fuzz/head_invariants.h"

#include <set>
#include <string>

#include "base/check.h"
#include "fuzz/environ_pairs.h"
#include "fuzz/head_run.h"
#include "proto/environ_key_table.h"
#include "proto/http1/host_syntax.h"
#include "proto/http1/to_environ.h"
#include "proto/scan.h"

namespace tsuwsgi::test {
namespace {

using http1::ParseResult;
using http1::RequestHead;
using http1::Span;
using proto::RequestLimits;

std::string_view text_of(std::string_view bytes, Span span) {
  TSUWSGI_CHECK(size_t{span.offset} + span.length <= bytes.size());
  return bytes.substr(span.offset, span.length);
}

/// A complete head holds no byte that could end a line elsewhere than where the parser saw its end.
void check_line_ends(std::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    TSUWSGI_CHECK(head[i] != '\0');
    if (head[i] == '\r') TSUWSGI_CHECK(i + 1 < head.size() && head[i + 1] == '\n');
    if (head[i] == '\n') TSUWSGI_CHECK(i > 0 && head[i - 1] == '\r');
  }
  TSUWSGI_CHECK(head.substr(head.size() - 4) == "\r\n\r\n");
  TSUWSGI_CHECK(head.find("\r\n\r\n") == head.size() - 4);
}

/// The request line is its three parts, and the parts hold no white space.
void check_request_line(std::string_view bytes, const RequestHead& head) {
  const std::string method(text_of(bytes, head.method));
  const std::string target(text_of(bytes, head.target));
  const std::string line(text_of(bytes, head.request_line));
  TSUWSGI_CHECK(line.substr(0, line.size() - 1) == method + ' ' + target + " HTTP/1.");
  TSUWSGI_CHECK(line.find_first_of("\t\r\n") == std::string::npos);
  TSUWSGI_CHECK(target.find_first_of(" #") == std::string::npos && !target.empty() && !method.empty());
  const std::string_view path = text_of(bytes, head.path);
  TSUWSGI_CHECK(head.path_encoded == (path.find('%') != std::string_view::npos));
  TSUWSGI_CHECK(path.find('?') == std::string_view::npos);
  if (head.target_form == http1::TargetForm::kOrigin) {
    const std::string_view query = text_of(bytes, head.query);
    TSUWSGI_CHECK(target == std::string(path) + (target.size() > path.size() ? "?" : "") + std::string(query));
  }
}

/// The field section is exactly its lines: nothing lies between them.
void check_fields(std::string_view bytes, const RequestHead& head) {
  size_t at = head.header_section.offset;
  for (const http1::HeaderField& field : head.fields) {
    TSUWSGI_CHECK(field.name.offset == at && field.name.length > 0);
    at += field.name.length;
    TSUWSGI_CHECK(bytes[at] == ':');
    ++at;
    TSUWSGI_CHECK(field.value.offset >= at);
    for (; at < field.value.offset; ++at) TSUWSGI_CHECK(proto::is_blank(bytes[at]));
    const std::string_view value = text_of(bytes, field.value);
    TSUWSGI_CHECK(value.empty() || !(proto::is_blank(value.front()) || proto::is_blank(value.back())));
    for (at += value.size(); proto::is_blank(bytes[at]);) ++at;
    TSUWSGI_CHECK(bytes.substr(at, 2) == "\r\n");
    at += 2;
    TSUWSGI_CHECK(field.known == proto::environ_key_of_header(bytes.data() + field.name.offset, field.name.length));
  }
  TSUWSGI_CHECK(bytes.substr(at, 2) == "\r\n" && at + 2 == head.size);
}

/// What request smuggling lives on must not get through, whatever else did.
void check_framing(std::string_view bytes, const RequestHead& head) {
  size_t hosts = 0;
  size_t lengths = 0;
  size_t codings = 0;
  for (const http1::HeaderField& field : head.fields) {
    hosts += field.known == proto::kKeyHost;
    lengths += field.known == proto::kKeyContentLength;
    codings += field.known == proto::kKeyTransferEncoding;
    if (field.known != proto::kKeyTransferEncoding) continue;
    TSUWSGI_CHECK(text_of(bytes, field.value).size() == std::string_view("chunked").size());
  }
  TSUWSGI_CHECK(hosts == 1 || (hosts == 0 && head.version_minor == 0));
  TSUWSGI_CHECK(lengths + codings <= 1);
  TSUWSGI_CHECK(head.has_content_length == (lengths == 1) && head.chunked == (codings == 1));
  TSUWSGI_CHECK(head.version_minor == 1 || (!head.chunked && !head.upgrade && !head.expect_continue));
  const std::string_view authority = text_of(bytes, head.authority);
  TSUWSGI_CHECK(authority.empty() == (hosts == 0 && head.target_form != http1::TargetForm::kAbsolute));
  TSUWSGI_CHECK(authority.empty() || http1::is_valid_host(authority.data(), authority.size()));
}

void check_environ(std::string_view bytes, const RequestHead& head) {
  proto::EnvironBlock block;
  block.text = "before";
  http1::append_environ(head, bytes.data(), block);
  const auto keys = check_pairs(block, [](const std::string& key, std::string_view, bool known) {
    TSUWSGI_CHECK(known || (key.substr(0, 5) == "HTTP_" && proto::environ_key_of(key) == proto::kUnknownKey));
  });
  TSUWSGI_CHECK(keys.count("CONTENT_LENGTH") == (head.has_content_length ? 1 : 0));
  TSUWSGI_CHECK(keys.count("HTTP_HOST") == (head.authority.length > 0 ? 1 : 0));
}

void check_done(std::string_view bytes, const HeadRun& run, const RequestLimits& limits) {
  const RequestHead& head = run.head;
  TSUWSGI_CHECK(head.size <= bytes.size() && head.size <= limits.head_bytes);
  TSUWSGI_CHECK(limits.header_count == 0 || head.fields.size() <= limits.header_count);
  TSUWSGI_CHECK(limits.target_bytes == 0 || head.target.length <= limits.target_bytes);
  TSUWSGI_CHECK(limits.body_bytes == 0 || head.content_length <= limits.body_bytes);
  const std::string_view own = bytes.substr(0, head.size);
  check_line_ends(own.substr(head.request_line.offset));
  check_request_line(own, head);
  check_fields(own, head);
  check_framing(own, head);
  check_environ(own, head);
}

/// The line alone gives what the whole head gave, and the same refusal where the line is to blame.
void check_line_parser(std::string_view bytes, const HeadRun& run, const RequestLimits& limits) {
  http1::HeadParser parser(limits);
  RequestHead line;
  http1::Refusal refusal;
  const ParseResult result = parser.parse_request_line(bytes.data(), bytes.size(), line, refusal);
  if (run.result == ParseResult::kDone) {
    TSUWSGI_CHECK(result == ParseResult::kDone && line.size == run.head.header_section.offset);
    TSUWSGI_CHECK(text_of(bytes, line.path) == text_of(bytes, run.head.path));
    TSUWSGI_CHECK(line.version_minor == run.head.version_minor && line.target_form == run.head.target_form);
  }
  if (result == ParseResult::kRefused) {
    TSUWSGI_CHECK(run.result == ParseResult::kRefused && run.refusal.status == refusal.status);
  }
  if (result == ParseResult::kNeedMore) TSUWSGI_CHECK(run.result == ParseResult::kNeedMore);
}

void check_with(std::string_view bytes, const RequestLimits& limits, Random& random) {
  const HeadRun run = run_head(bytes, whole(bytes.size()), limits);
  const std::string text = run.text();
  TSUWSGI_CHECK(run_head(bytes, at_random(bytes.size(), random), limits).text() == text);
  TSUWSGI_CHECK(run_head(bytes, at_random(bytes.size(), random), limits).text() == text);
  if (bytes.size() < 512) TSUWSGI_CHECK(run_head(bytes, byte_by_byte(bytes.size()), limits).text() == text);
  check_line_parser(bytes, run, limits);
  if (run.result != ParseResult::kDone) return;
  check_done(bytes, run, limits);
  TSUWSGI_CHECK(run_head(bytes.substr(0, run.head.size), whole(run.head.size), limits).text() == text);
  const HeadRun shorter = run_head(bytes.substr(0, run.head.size - 1), whole(run.head.size - 1), limits);
  TSUWSGI_CHECK(shorter.result == ParseResult::kNeedMore);
}

void check_scans(std::string_view bytes, Random& random) {
  size_t count = 0;
  const proto::ScanVariant* variants = proto::scan_variants(count);
  const size_t begin = bytes.empty() ? 0 : random.below(bytes.size());
  const ExactCopy copy(bytes.substr(begin));
  const char* p = copy.data();
  const char* end = p + copy.size();
  for (size_t i = 0; i < count; ++i) {
    TSUWSGI_CHECK(variants[i].skip_value(p, end) == proto::skip_class(p, end, proto::kValue));
    TSUWSGI_CHECK(variants[i].skip_target(p, end) == proto::skip_class(p, end, proto::kTarget));
    TSUWSGI_CHECK(variants[i].skip_token(p, end) == proto::skip_class(p, end, proto::kToken));
  }
}

}  // namespace

void check_head(std::string_view bytes) {
  Random random(hash_of(bytes.data(), bytes.size()));
  check_scans(bytes, random);
  check_with(bytes, RequestLimits(), random);
  RequestLimits small;
  small.head_bytes = static_cast<uint32_t>(random.below(bytes.size() + 2));
  small.target_bytes = static_cast<uint32_t>(random.below(40));
  small.header_count = static_cast<uint32_t>(random.below(4));
  small.body_bytes = random.below(20);
  check_with(bytes, small, random);
}

}  // namespace tsuwsgi::test
