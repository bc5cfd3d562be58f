#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/http1/response_writer.h"

namespace tsuwsgi::uwsgi {

/// As HTTP/1.0 frames a response that ends its connection: by its length where it is known, else by the connection's
/// end. Front servers do not take chunks over this protocol.
http1::ResponsePlan plan_response(const http1::ResponseFacts& facts);

/// Appends the whole head, with `facts.version_minor` of the request: status line, the application's lines,
/// Content-Length where the framing has one, empty line. Date, Server and Connection are the front server's to add.
void append_head(std::string& out, const http1::ResponseFacts& facts, const http1::ResponsePlan& plan,
                 std::string_view head);

/// A small complete response that the core makes by itself. Has `Retry-After` where `retry_after_seconds` > 0. HEAD
/// gets no body.
http1::RefusalSize append_refusal(std::string& out, uint16_t status, uint8_t version_minor, bool head_request,
                                  uint32_t retry_after_seconds);

/// The answer to a ping: modifier1 stays, modifier2 is 1, and no warning follows.
inline constexpr std::string_view kPong("\x64\x00\x00\x01", 4);

}  // namespace tsuwsgi::uwsgi
