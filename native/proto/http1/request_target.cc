#include "proto/http1/request_target.h"

#include <cstring>
#include <string_view>

#include "proto/char_class.h"
#include "proto/http1/host_syntax.h"

namespace tsuwsgi::http1 {
namespace {

const char* find(const char* p, const char* end, char wanted) {
  const void* found = std::memchr(p, wanted, static_cast<size_t>(end - p));
  return found == nullptr ? end : static_cast<const char*>(found);
}

Span span_of(const char* data, const char* begin, const char* end) {
  return {static_cast<uint32_t>(begin - data), static_cast<uint32_t>(end - begin)};
}

void split_path(const char* data, const char* path, const char* end, RequestHead& head) {
  const char* question = find(path, end, '?');
  head.path = span_of(data, path, question);
  head.query = span_of(data, question == end ? end : question + 1, end);
  head.path_encoded = find(path, question, '%') != question;
}

/// Length of "http://" or "https://" at the start, 0 where there is neither.
size_t scheme_length(std::string_view target) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (proto::equals_lower(target.data(), target.size() < scheme.size() ? target.size() : scheme.size(), scheme.data(),
                            scheme.size())) {
      return scheme.size();
    }
  }
  return 0;
}

Refusal split_absolute(const char* data, const char* begin, const char* end, RequestHead& head) {
  const size_t scheme = scheme_length({begin, static_cast<size_t>(end - begin)});
  if (scheme == 0) return {400, "target is neither a path nor an http URI"};
  const char* authority = begin + scheme;
  const char* authority_end = authority;
  while (authority_end != end && *authority_end != '/' && *authority_end != '?') ++authority_end;
  if (!is_valid_host(authority, static_cast<size_t>(authority_end - authority))) {
    return {400, "invalid authority in target"};
  }
  head.target_form = TargetForm::kAbsolute;
  head.authority = span_of(data, authority, authority_end);
  split_path(data, authority_end, end, head);
  return {};
}

}  // namespace

Refusal split_target(const char* data, RequestHead& head) {
  const char* begin = data + head.target.offset;
  const char* end = begin + head.target.length;
  if (*begin == '/') {
    head.target_form = TargetForm::kOrigin;
    split_path(data, begin, end, head);
    return {};
  }
  if (*begin != '*' || head.target.length != 1) return split_absolute(data, begin, end, head);
  if (std::string_view(data + head.method.offset, head.method.length) != "OPTIONS") {
    return {400, "asterisk target without OPTIONS"};
  }
  head.target_form = TargetForm::kAsterisk;
  head.path = head.target;
  head.query = span_of(data, end, end);
  head.path_encoded = false;
  return {};
}

}  // namespace tsuwsgi::http1
