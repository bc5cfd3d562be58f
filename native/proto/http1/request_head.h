#pragma once

#include <cstdint>
#include <vector>

#include "proto/span.h"

namespace tsuwsgi::http1 {

using proto::Span;

struct HeaderField {
  Span name;
  Span value;          ///< without surrounding white space
  uint16_t known = 0;  ///< id in proto/environ_keys.h, or kUnknownKey
};

enum class TargetForm : uint8_t { kOrigin, kAbsolute, kAsterisk, kAuthority };

/// One parsed request head. Reused for request after request so that `fields` keeps its memory.
struct RequestHead {
  Span request_line;  ///< method SP target SP version, without the line end
  Span method;
  Span target;  ///< as sent
  Span path;   ///< of the target, before '?'; for the absolute form what follows the authority ("/" where empty: length
               ///< 0)
  Span query;  ///< after '?', empty where there is none
  Span authority;       ///< host of the absolute form, else of the Host field
  Span header_section;  ///< all field lines and the empty line
  TargetForm target_form = TargetForm::kOrigin;
  uint8_t version_minor = 1;  ///< HTTP/1.x
  bool keep_alive = true;     ///< what version and Connection ask for
  bool chunked = false;
  bool expect_continue = false;
  bool upgrade = false;       ///< Connection: upgrade with an Upgrade field
  bool path_encoded = false;  ///< the path holds a '%'
  bool has_content_length = false;
  uint64_t content_length = 0;
  uint32_t size = 0;  ///< bytes of the whole head; the body starts there
  std::vector<HeaderField> fields;

  bool has_body() const { return chunked || content_length > 0; }
};

}  // namespace tsuwsgi::http1
