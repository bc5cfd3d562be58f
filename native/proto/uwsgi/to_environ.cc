#include "proto/uwsgi/to_environ.h"

#include <algorithm>
#include <string_view>

#include "proto/char_class.h"
#include "proto/content_length.h"
#include "proto/environ_key_table.h"
#include "proto/repeated_keys.h"

namespace tsuwsgi::uwsgi {
namespace {

using proto::EnvironBlock;
using proto::EnvironPair;
using proto::id_of_key;

constexpr std::string_view kFieldPrefix = "HTTP_";

std::string_view text_of(const char* data, Span span) { return {data + span.offset, span.length}; }

uint32_t end_of(const EnvironBlock& block) { return static_cast<uint32_t>(block.text.size()); }

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

/// Characters of a path that HTTP clients send as they are (RFC 3986 section 3.3).
bool is_path_character(char c) {
  return proto::in_class(c, proto::kRegName) || c == '/' || c == ':' || c == '@' || c == ',';
}

void append_encoded(std::string_view path, std::string& out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : path) {
    if (is_path_character(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

/// Names that could be a field of HTTP: capitals, digits and what else a token may hold, but '-'.
bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::none_of(name.begin(), name.end(), [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); });
}

bool may_be_key(std::string_view key) {
  if (starts_with(key, kFieldPrefix)) {
    const std::string_view name = key.substr(kFieldPrefix.size());
    return is_field_name(name) && name != "PROXY" && name != "CONTENT_LENGTH" && name != "CONTENT_TYPE";
  }
  return key.front() != '_' && key.find('.') == std::string_view::npos;
}

/// Part of the request's line, or empty where HTTP has no such variable or a value of its own.
bool is_left_out(const Var& var) {
  switch (var.known) {
    case id_of_key("REQUEST_METHOD"):
    case id_of_key("REQUEST_URI"):
      return true;
    case proto::kKeyContentLength:
    case proto::kKeyContentType:
    case id_of_key("SERVER_NAME"):
    case id_of_key("SERVER_PORT"):
    case id_of_key("SERVER_PROTOCOL"):
      return var.value.length == 0;
    default:
      return false;
  }
}

proto::Repetition rule(const EnvironPair& pair, std::string_view text) {
  if (pair.known == proto::kKeyHost) return proto::Repetition::kKeepLast;
  const std::string_view key =
      pair.known == proto::kUnknownKey ? text.substr(pair.key_offset, pair.key_length) : proto::environ_key(pair.known);
  return starts_with(key, kFieldPrefix) ? proto::Repetition::kJoin : proto::Repetition::kKeepLast;
}

}  // namespace

uint32_t append_target(const RequestHead& head, const char* data, EnvironBlock& block) {
  const size_t start = block.text.size();
  if (head.target.length > 0) {
    const std::string_view target = text_of(data, head.target);
    block.text += target;
    return static_cast<uint32_t>(std::min(target.find('?'), target.size()));
  }
  append_encoded(text_of(data, head.script), block.text);
  append_encoded(text_of(data, head.path), block.text);
  const auto path_length = static_cast<uint32_t>(block.text.size() - start);
  if (head.query.length > 0) block.text.append("?").append(text_of(data, head.query));
  return path_length;
}

void append_environ(const RequestHead& head, const char* data, EnvironBlock& block) {
  const size_t first_pair = block.pairs.size();
  const uint32_t base = end_of(block) - kPacketHeaderBytes;
  block.text.append(data + kPacketHeaderBytes, head.size - kPacketHeaderBytes);
  proto::SeenKeys seen;
  for (const Var& var : head.vars) {
    if (is_left_out(var)) continue;
    EnvironPair pair;
    pair.known = var.known;
    pair.value_offset = base + var.value.offset;
    pair.value_length = var.value.length;
    if (var.known == proto::kUnknownKey) {
      const std::string_view key = text_of(data, var.key);
      if (!may_be_key(key)) continue;
      pair.key_offset = base + var.key.offset;
      pair.key_length = static_cast<uint16_t>(var.key.length);
      seen.note_unknown(key);
    } else {
      seen.note(var.known);
    }
    if (var.known == proto::kKeyContentLength) {
      const size_t digits = proto::canonical_number(text_of(data, var.value)).size();
      pair.value_offset += var.value.length - static_cast<uint32_t>(digits);
      pair.value_length = static_cast<uint32_t>(digits);
    }
    block.pairs.push_back(pair);
  }
  if (seen.perhaps_repeated()) proto::resolve_repeated(first_pair, block, rule);
}

}  // namespace tsuwsgi::uwsgi
