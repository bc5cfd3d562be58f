#pragma once

#include <cstddef>

namespace tsuwsgi::http1 {

/// Whether the text is `uri-host [":" port]` of RFC 3986 with a host that is not empty: a name, an IPv4 address or an
/// IPv6 address in brackets. Stricter than the RFC in three points: no comma in a name, no IPvFuture, no port over
/// 65535.
bool is_valid_host(const char* text, size_t length);

}  // namespace tsuwsgi::http1
