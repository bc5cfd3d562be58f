#pragma once

#include <cstddef>

#include "proto/parse_result.h"
#include "proto/request_limits.h"
#include "proto/uwsgi/request_head.h"

namespace tsuwsgi::uwsgi {

using proto::ParseResult;
using proto::Refusal;

/// Parses the packet of one request: header and variables. It keeps no place between calls: the header tells how much
/// has to be there, and until then a call costs a comparison. Refusals do not depend on the pieces the bytes come in:
/// the header is judged when it is complete, the variables when the block is.
class HeadParser {
 public:
  /// `limits` must outlive the parser. head_bytes bounds the block, header_count variables that stand for header fields
  /// and, counted apart, the others.
  explicit HeadParser(const proto::RequestLimits& limits) : limits_(limits) {}

  /// `data` holds everything that has come. kDone: `head` is complete, for a ping without variables.
  ParseResult parse(const char* data, size_t size, RequestHead& head, Refusal& refusal) const;

 private:
  Refusal read_vars(const char* data, RequestHead& head) const;

  const proto::RequestLimits& limits_;
};

/// Whether the peer gets the refusal's status as its answer: it sent a request, only more than the limits allow. What
/// is no request is not answered at all, as uWSGI does.
inline bool is_answered(const Refusal& refusal) {
  return refusal.status == 413 || refusal.status == 414 || refusal.status == 431;
}

}  // namespace tsuwsgi::uwsgi
