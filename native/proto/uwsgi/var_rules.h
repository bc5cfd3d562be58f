#pragma once

#include <cstdint>

#include "proto/parse_result.h"
#include "proto/request_limits.h"
#include "proto/uwsgi/request_head.h"

namespace tsuwsgi::uwsgi {

using proto::Refusal;

/// What the variables of one packet say about the request, gathered one by one and judged at the end. What HTTP's
/// parser would refuse in a message is refused here too where a variable carries the same thing; what the peer has
/// decoded or made by itself may hold more.
class VarRules {
 public:
  explicit VarRules(const proto::RequestLimits& limits) : limits_(limits) {}

  /// Takes a variable whose name and value lie within the packet.
  Refusal add(const char* data, const Var& var, RequestHead& head);
  /// All variables are there.
  Refusal finish(const char* data, RequestHead& head) const;

 private:
  Refusal count(bool is_field);
  Refusal obey(const char* data, const Var& var, RequestHead& head);
  Refusal set_method(const char* data, Span value, RequestHead& head) const;
  Refusal set_target(const char* data, Span value, RequestHead& head) const;
  Refusal set_content_length(const char* data, Span value, RequestHead& head) const;

  const proto::RequestLimits& limits_;
  uint32_t fields_ = 0;  ///< variables that stand for header fields
  uint32_t others_ = 0;
  Span https_;
  Span request_scheme_;
  Span uwsgi_scheme_;
};

}  // namespace tsuwsgi::uwsgi
