#pragma once

#include <cstdint>

#include "proto/environ.h"
#include "proto/uwsgi/request_head.h"

namespace tsuwsgi::uwsgi {

/// Appends the request's target to `block.text`, as HTTP has it in its request line: REQUEST_URI, or where the peer
/// sent none what SCRIPT_NAME, PATH_INFO and QUERY_STRING make. Returns the length of its path.
uint32_t append_target(const RequestHead& head, const char* data, proto::EnvironBlock& block);

/// Appends the environ pairs of a packet's variables to `block`, but for REQUEST_METHOD and REQUEST_URI. `data` is the
/// packet's first byte. The packet's block of variables becomes a part of the text as it is, and the pairs point into
/// it. Variables that stand for repeated header fields are joined as HTTP joins them, of all others the last one counts
/// (as in uWSGI). Left out is what could not come over HTTP or is the server's to say: HTTP_PROXY, HTTP_CONTENT_LENGTH
/// and HTTP_CONTENT_TYPE, names with a dot or that start with '_', and variables that are empty where HTTP has none.
void append_environ(const RequestHead& head, const char* data, proto::EnvironBlock& block);

}  // namespace tsuwsgi::uwsgi
