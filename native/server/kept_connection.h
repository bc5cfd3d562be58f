#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/socket_io.h"
#include "server/protocol.h"

namespace tsuwsgi::server {

/// A connection between two requests as data: what another loop, or another process, needs to go on with it.
struct KeptConnection {
  base::UniqueFd fd;
  uint32_t listener = 0;
  net::PeerName peer;
  Protocol protocol = Protocol::http;
  /// Its first request has not been answered, or the head of the next one has begun: --header-timeout, else
  /// --keepalive-timeout.
  bool in_head = false;
  int64_t remaining_ms = 0;  ///< of that limit
  std::string input;         ///< bytes that were read and not used
};

/// Most unread bytes that go along. A connection that has more waits for its request.
constexpr size_t kMostKeptInput = 128 * 1024;

/// Everything but descriptor and input, as it stands in front of the input in a message.
std::string encode_facts(const KeptConnection& connection);
/// Bytes that `encode_facts` gives.
size_t facts_size();
/// The reverse, with the input behind. False: not a message of this version for a server with `listeners` listeners.
/// `out.fd` is left alone.
bool decode_message(std::string_view message, uint32_t listeners, KeptConnection& out);

}  // namespace tsuwsgi::server
