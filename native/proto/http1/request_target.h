#pragma once

#include "proto/http1/parse_result.h"
#include "proto/http1/request_head.h"

namespace tsuwsgi::http1 {

/// Finds form, path, query and authority of `head.target` (RFC 9112 section 3.2), whose bytes are known to be visible
/// ASCII without '#'. `head.method` is set. CONNECT never gets here.
Refusal split_target(const char* data, RequestHead& head);

}  // namespace tsuwsgi::http1
