#include "proto/http1/to_environ.h"

#include <string_view>

#include "proto/char_class.h"
#include "proto/content_length.h"
#include "proto/environ_key_table.h"
#include "proto/repeated_keys.h"

namespace tsuwsgi::http1 {
namespace {

using proto::EnvironBlock;
using proto::EnvironPair;

constexpr std::string_view kKeyPrefix = "HTTP_";

uint32_t end_of(const EnvironBlock& block) { return static_cast<uint32_t>(block.text.size()); }

/// Appends "HTTP_" and the name in capitals with '_' for '-'. False, and nothing appended, for names that may not
/// become keys.
bool append_key(std::string_view name, EnvironBlock& block) {
  if (proto::equals_lower(name.data(), name.size(), "proxy", 5)) return false;
  const size_t start = block.text.size();
  block.text.append(kKeyPrefix);
  for (const char c : name) {
    if (c == '_') {
      block.text.resize(start);
      return false;
    }
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    block.text.push_back(upper == '-' ? '_' : upper);
  }
  return true;
}

void append_pair(EnvironPair pair, std::string_view value, EnvironBlock& block) {
  pair.value_offset = end_of(block);
  pair.value_length = static_cast<uint32_t>(value.size());
  block.text.append(value);
  block.pairs.push_back(pair);
}

void append_known(uint16_t known, std::string_view value, proto::SeenKeys& seen, EnvironBlock& block) {
  seen.note(known);
  EnvironPair pair;
  pair.known = known;
  append_pair(pair, value, block);
}

void append_unknown(std::string_view name, std::string_view value, proto::SeenKeys& seen, EnvironBlock& block) {
  EnvironPair pair;
  pair.known = proto::kUnknownKey;
  pair.key_offset = end_of(block);
  if (!append_key(name, block)) return;
  pair.key_length = static_cast<uint16_t>(end_of(block) - pair.key_offset);
  seen.note_unknown({block.text.data() + pair.key_offset, pair.key_length});
  append_pair(pair, value, block);
}

proto::Repetition join(const EnvironPair& /*pair*/, std::string_view /*text*/) { return proto::Repetition::kJoin; }

}  // namespace

void append_environ(const RequestHead& head, const char* data, proto::EnvironBlock& block) {
  const size_t first_pair = block.pairs.size();
  proto::SeenKeys seen;
  block.text.reserve(block.text.size() + head.header_section.length + head.authority.length +
                     head.fields.size() * kKeyPrefix.size());
  const std::string_view authority(data + head.authority.offset, head.authority.length);
  if (head.target_form == TargetForm::kAbsolute) append_known(proto::kKeyHost, authority, seen, block);
  for (const HeaderField& field : head.fields) {
    const std::string_view value(data + field.value.offset, field.value.length);
    if (field.known == proto::kUnknownKey) {
      append_unknown({data + field.name.offset, field.name.length}, value, seen, block);
    } else if (field.known == proto::kKeyContentLength) {
      append_known(field.known, proto::canonical_number(value), seen, block);
    } else if (field.known == proto::kKeyContentType && value.empty()) {
      continue;  // front servers send it so over uwsgi where a request has none
    } else if (field.known != proto::kKeyHost || head.target_form != TargetForm::kAbsolute) {
      append_known(field.known, value, seen, block);
    }
  }
  if (seen.perhaps_repeated()) proto::resolve_repeated(first_pair, block, join);
}

}  // namespace tsuwsgi::http1
