#pragma once

#include <cstdint>

#include "proto/http1/parse_result.h"
#include "proto/http1/request_head.h"

namespace tsuwsgi::http1 {

/// What the fields of one head say about framing, target host and connection, gathered field by field and judged at the
/// end of the head: RFC 9112 sections 3.2 and 6, RFC 9110 sections 7.6.1, 7.8, 8.6 and 10.1.1. Where those let a
/// recipient be lenient, this is not.
class FieldRules {
 public:
  /// Takes a field whose `known` id is at most kLastObeyedKey. `head.version_minor` is set.
  Refusal add(const char* data, const HeaderField& field, RequestHead& head);

  /// The head is complete: what only the whole of it tells. Sets keep_alive, upgrade and expect_continue.
  Refusal finish(uint64_t body_bytes_limit, RequestHead& head) const;

 private:
  Refusal add_content_length(const char* data, Span value, RequestHead& head) const;
  Refusal add_transfer_encoding(const char* data, Span value, RequestHead& head);
  Refusal add_host(const char* data, Span value, RequestHead& head);
  void add_connection(const char* data, Span value);
  Refusal add_expect(const char* data, Span value);

  bool host_ = false;
  bool transfer_encoding_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
  bool upgrade_option_ = false;
  bool upgrade_field_ = false;
  bool expect_continue_ = false;
};

}  // namespace tsuwsgi::http1
