#pragma once

#include <cstdint>
#include <vector>

#include "proto/span.h"

namespace tsuwsgi::uwsgi {

using proto::Span;

/// modifier1, datasize (two bytes, little endian), modifier2.
inline constexpr uint32_t kPacketHeaderBytes = 4;

/// One variable of a packet.
struct Var {
  Span key;
  Span value;
  uint16_t known = 0;  ///< id in proto/environ_keys.h, or kUnknownKey
};

/// One parsed packet: its header and its block of variables. The body, CONTENT_LENGTH bytes, lies behind it. Reused for
/// packet after packet so that `vars` keeps its memory. Of a variable that is there more than once the last one counts.
struct RequestHead {
  uint8_t modifier1 = 0;
  uint8_t modifier2 = 0;
  uint32_t size = 0;        ///< bytes of header and block; the body starts there
  std::vector<Var> vars;    ///< in the order they came
  Span method;              ///< REQUEST_METHOD
  Span target;              ///< REQUEST_URI; empty where it is missing
  Span path;                ///< PATH_INFO, decoded by the peer
  Span script;              ///< SCRIPT_NAME, decoded by the peer
  Span query;               ///< QUERY_STRING
  Span protocol;            ///< SERVER_PROTOCOL
  Span remote_addr;         ///< REMOTE_ADDR
  Span remote_port;         ///< REMOTE_PORT
  Span remote_user;         ///< REMOTE_USER
  bool has_remote = false;  ///< REMOTE_ADDR is there, perhaps empty
  bool https = false;       ///< the client's side is encrypted: wsgi.url_scheme
  bool http10 = false;      ///< SERVER_PROTOCOL is HTTP/1.0, or missing
  bool has_content_length = false;
  uint64_t content_length = 0;
  Span blamed;  ///< refused: name of the variable that is to blame, empty where none is

  bool is_ping() const;
  bool has_body() const { return content_length > 0; }
};

/// modifier1 values that are served. All others choose plugins of uWSGI that do not exist here.
inline constexpr uint8_t kModifierRequest = 0;
inline constexpr uint8_t kModifierPing = 100;

inline bool RequestHead::is_ping() const { return modifier1 == kModifierPing; }

/// What uWSGI uses a modifier1 for, to name it in the log; empty for one that it leaves free.
const char* modifier_name(uint8_t modifier1);

}  // namespace tsuwsgi::uwsgi
