#pragma once

#include "proto/environ.h"
#include "proto/http1/request_head.h"

namespace tsuwsgi::http1 {

/// Appends the environ pairs of a head's header fields to `block`: CONTENT_TYPE, CONTENT_LENGTH, HTTP_*. `data` is the
/// request's first byte. Repeated fields become one value, joined with ", " (Cookie: "; "). A field that could pretend
/// to be another is left out: names with an underscore, and Proxy (CVE-2016-5385). Content-Length is the decoded body's
/// length only where the request gave one.
void append_environ(const RequestHead& head, const char* data, proto::EnvironBlock& block);

}  // namespace tsuwsgi::http1
