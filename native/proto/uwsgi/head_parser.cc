#include "proto/uwsgi/head_parser.h"

#include <string_view>
#include <utility>

#include "proto/environ_keys.h"
#include "proto/uwsgi/var_rules.h"

namespace tsuwsgi::uwsgi {
namespace {

constexpr uint32_t kLengthBytes = 2;

uint32_t byte_at(const char* data, size_t at) { return static_cast<unsigned char>(data[at]); }

uint32_t little_endian_16(const char* data, size_t at) { return byte_at(data, at) | byte_at(data, at + 1) << 8; }

/// Back to defaults; `vars` keeps its memory.
void clear(RequestHead& head) {
  std::vector<Var> vars = std::move(head.vars);
  vars.clear();
  head = RequestHead();
  head.vars = std::move(vars);
}

/// Takes a length and as many bytes from `at` on, which moves behind them. False where they end behind `end`.
bool take_string(const char* data, uint32_t& at, uint32_t end, Span& text) {
  if (end - at < kLengthBytes) return false;
  const uint32_t length = little_endian_16(data, at);
  at += kLengthBytes;
  if (length > end - at) return false;
  text = {at, length};
  at += length;
  return true;
}

Refusal check_header(const RequestHead& head, uint32_t block, const proto::RequestLimits& limits) {
  if (head.is_ping()) return {};
  if (head.modifier1 != kModifierRequest) return {501, "modifier1 is not served"};
  if (block > limits.head_bytes) return {431, "the packet is larger than --buffer-size"};
  if (block == 0) return {400, "a packet without variables"};
  return {};
}

}  // namespace

ParseResult HeadParser::parse(const char* data, size_t size, RequestHead& head, Refusal& refusal) const {
  if (size < kPacketHeaderBytes) return ParseResult::kNeedMore;
  clear(head);
  const uint32_t block = little_endian_16(data, 1);
  head.modifier1 = static_cast<uint8_t>(byte_at(data, 0));
  head.modifier2 = static_cast<uint8_t>(byte_at(data, 3));
  head.size = kPacketHeaderBytes + (head.is_ping() ? 0 : block);
  refusal = check_header(head, block, limits_);
  if (refusal) return ParseResult::kRefused;
  if (size < head.size) return ParseResult::kNeedMore;
  if (head.is_ping()) return ParseResult::kDone;
  refusal = read_vars(data, head);
  return refusal ? ParseResult::kRefused : ParseResult::kDone;
}

Refusal HeadParser::read_vars(const char* data, RequestHead& head) const {
  VarRules rules(limits_);
  for (uint32_t at = kPacketHeaderBytes; at < head.size;) {
    Var var;
    head.blamed = {};
    if (!take_string(data, at, head.size, var.key)) return {400, "the name of a variable ends behind the packet"};
    if (!take_string(data, at, head.size, var.value)) return {400, "the value of a variable ends behind the packet"};
    var.known = proto::environ_key_of({data + var.key.offset, var.key.length});
    if (const Refusal wrong = rules.add(data, var, head)) return wrong;
    head.vars.push_back(var);
  }
  return rules.finish(data, head);
}

}  // namespace tsuwsgi::uwsgi
