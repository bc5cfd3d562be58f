#pragma once

#include <string>
#include <string_view>

#include "proto/http1/response_writer.h"
#include "proto/uwsgi/response_writer.h"
#include "server/protocol.h"
#include "server/request.h"

namespace tsuwsgi::server {

/// How the connection's protocol frames a response.
inline http1::ResponsePlan plan_response(Protocol protocol, const http1::ResponseFacts& facts) {
  return protocol == Protocol::http ? http1::plan_response(facts) : uwsgi::plan_response(facts);
}

/// Writes a response's head as the connection's protocol has it. `date` is used where the protocol has one.
inline void append_head(Protocol protocol, std::string& out, const http1::ResponseFacts& facts,
                        const http1::ResponsePlan& plan, std::string_view head, std::string_view date) {
  if (protocol == Protocol::http) return http1::append_head(out, facts, plan, head, date);
  uwsgi::append_head(out, facts, plan, head);
}

/// A small complete answer by the core itself, with `request.status`. `request.plan` tells whether the connection goes
/// on.
inline http1::RefusalSize append_refusal(Protocol protocol, std::string& out, const Request& request,
                                         std::string_view date, uint32_t retry_after_seconds) {
  if (protocol == Protocol::http) {
    return http1::append_refusal(out, request.status, date, request.head_request, request.plan.keep_alive,
                                 retry_after_seconds);
  }
  return uwsgi::append_refusal(out, request.status, request.version_minor, request.head_request, retry_after_seconds);
}

}  // namespace tsuwsgi::server
