#include "proto/uwsgi/var_rules.h"

#include <array>
#include <string_view>

#include "proto/char_class.h"
#include "proto/content_length.h"
#include "proto/environ_key_table.h"
#include "proto/request_limits.h"
#include "proto/scan.h"

namespace tsuwsgi::uwsgi {
namespace {

using proto::id_of_key;

std::string_view text_of(const char* data, Span span) { return {data + span.offset, span.length}; }

/// Which bytes a value may hold.
enum class ValueKind : uint8_t {
  kLine,   ///< what a field value may hold
  kLines,  ///< line ends as well: certificates
  kBytes,  ///< any: a path whose percent signs the peer has decoded, as HTTP's PATH_INFO may hold any byte too
};

struct VarTraits {
  bool is_field = false;  ///< it stands for a header field of the client's request
  ValueKind kind = ValueKind::kLine;
};

constexpr bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

constexpr VarTraits traits_of_known(std::string_view key) {
  VarTraits traits;
  traits.is_field = starts_with(key, "HTTP_") || key == "CONTENT_LENGTH" || key == "CONTENT_TYPE";
  if (starts_with(key, "SSL_")) traits.kind = ValueKind::kLines;
  for (const std::string_view path :
       {"PATH_INFO", "SCRIPT_NAME", "DOCUMENT_URI", "DOCUMENT_ROOT", "PATH_TRANSLATED", "SCRIPT_FILENAME"}) {
    if (key == path) traits.kind = ValueKind::kBytes;
  }
  return traits;
}

constexpr std::array<VarTraits, proto::kEnvironKeyCount> make_traits() {
  std::array<VarTraits, proto::kEnvironKeyCount> table{};
  for (uint16_t id = 0; id < proto::kEnvironKeyCount; ++id) table[id] = traits_of_known(proto::kEnvironKeys[id]);
  return table;
}

constexpr std::array<VarTraits, proto::kEnvironKeyCount> kTraits = make_traits();

VarTraits traits_of(uint16_t known, std::string_view key) {
  if (known != proto::kUnknownKey) return kTraits[known];
  const bool field = starts_with(key, "HTTP_");
  return {field, field ? ValueKind::kLine : ValueKind::kLines};
}

bool is_line(std::string_view value) {
  const char* end = value.data() + value.size();
  return proto::skip_value(value.data(), end) == end;
}

bool fits(ValueKind kind, std::string_view value) {
  if (kind == ValueKind::kBytes || is_line(value)) return true;
  if (kind == ValueKind::kLine) return false;
  for (const char c : value) {
    if (!proto::in_class(c, proto::kValue) && c != '\r' && c != '\n') return false;
  }
  return true;
}

bool is_token(std::string_view text) {
  const char* end = text.data() + text.size();
  return proto::skip_token(text.data(), end) == end;
}

bool is_target(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
  }
  return true;
}

bool says_https(std::string_view scheme) { return proto::equals_lower(scheme.data(), scheme.size(), "https", 5); }

/// uWSGI takes "on" in any case, whatever follows, and what starts with "1".
bool says_on(std::string_view https) {
  return proto::equals_lower(https.data(), https.size() < 2 ? https.size() : 2, "on", 2) || starts_with(https, "1");
}

}  // namespace

Refusal VarRules::count(bool field) {
  uint32_t& counted = field ? fields_ : others_;
  if (limits_.header_count != 0 && counted >= limits_.header_count) return {431, "too many variables"};
  ++counted;
  return {};
}

Refusal VarRules::add(const char* data, const Var& var, RequestHead& head) {
  const std::string_view key = text_of(data, var.key);
  if (key.empty()) return {400, "empty name of a variable"};
  if (var.known == proto::kUnknownKey && !is_token(key)) return {400, "invalid byte in the name of a variable"};
  head.blamed = var.key;
  const VarTraits traits = traits_of(var.known, key);
  if (!fits(traits.kind, text_of(data, var.value))) return {400, "invalid byte in the value of a variable"};
  if (const Refusal refusal = count(traits.is_field)) return refusal;
  if (const Refusal refusal = obey(data, var, head)) return refusal;
  head.blamed = {};
  return {};
}

Refusal VarRules::obey(const char* data, const Var& var, RequestHead& head) {
  switch (var.known) {
    case id_of_key("REQUEST_METHOD"):
      return set_method(data, var.value, head);
    case id_of_key("REQUEST_URI"):
      return set_target(data, var.value, head);
    case proto::kKeyContentLength:
      return set_content_length(data, var.value, head);
    case id_of_key("PATH_INFO"):
      head.path = var.value;
      return {};
    case id_of_key("SCRIPT_NAME"):
      head.script = var.value;
      return {};
    case id_of_key("QUERY_STRING"):
      head.query = var.value;
      return {};
    case id_of_key("SERVER_PROTOCOL"):
      if (var.value.length > 0) head.protocol = var.value;
      return {};
    case id_of_key("REMOTE_ADDR"):
      head.remote_addr = var.value;
      head.has_remote = true;
      return {};
    case id_of_key("REMOTE_PORT"):
      head.remote_port = var.value;
      return {};
    case id_of_key("REMOTE_USER"):
      head.remote_user = var.value;
      return {};
    case id_of_key("HTTPS"):
      https_ = var.value;
      return {};
    case id_of_key("REQUEST_SCHEME"):
      request_scheme_ = var.value;
      return {};
    case id_of_key("UWSGI_SCHEME"):
      uwsgi_scheme_ = var.value;
      return {};
    default:
      return {};
  }
}

Refusal VarRules::set_method(const char* data, Span value, RequestHead& head) const {
  const std::string_view method = text_of(data, value);
  if (method.empty() || !is_token(method)) return {400, "malformed method"};
  if (method.size() > proto::kMaxMethod) return {400, "method too long"};
  if (method == "CONNECT") return {400, "the method CONNECT is not served"};
  head.method = value;
  return {};
}

Refusal VarRules::set_target(const char* data, Span value, RequestHead& head) const {
  if (!is_target(text_of(data, value))) return {400, "white space in the target"};
  if (limits_.target_bytes != 0 && value.length > limits_.target_bytes) return {414, "target too long"};
  head.target = value;
  return {};
}

/// nginx sends an empty one where the request has none.
Refusal VarRules::set_content_length(const char* data, Span value, RequestHead& head) const {
  uint64_t length = 0;
  if (value.length == 0) return {};
  switch (proto::parse_content_length(text_of(data, value), length)) {
    case proto::LengthSyntax::kMalformed:
      return {400, "malformed CONTENT_LENGTH"};
    case proto::LengthSyntax::kOverflow:
      return {400, "CONTENT_LENGTH overflows"};
    case proto::LengthSyntax::kOk:
      break;
  }
  if (head.has_content_length && head.content_length != length) return {400, "CONTENT_LENGTH twice, with two values"};
  head.has_content_length = true;
  head.content_length = length;
  return {};
}

Refusal VarRules::finish(const char* data, RequestHead& head) const {
  if (head.method.length == 0) return {400, "no REQUEST_METHOD"};
  if (head.target.length == 0 && head.path.length == 0 && head.script.length == 0) {
    return {400, "neither REQUEST_URI nor PATH_INFO"};
  }
  if (limits_.body_bytes != 0 && head.content_length > limits_.body_bytes) return {413, "body too large"};
  const std::string_view protocol = text_of(data, head.protocol);
  head.http10 = protocol.empty() || protocol == "HTTP/1.0";
  if (uwsgi_scheme_.length > 0) {
    head.https = says_https(text_of(data, uwsgi_scheme_));
  } else if (https_.length > 0) {
    head.https = says_on(text_of(data, https_));
  } else {
    head.https = says_https(text_of(data, request_scheme_));
  }
  return {};
}

}  // namespace tsuwsgi::uwsgi
