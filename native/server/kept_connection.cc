#include "server/kept_connection.h"

#include <cstring>

namespace tsuwsgi::server {

namespace {

/// Both ends are processes of one machine, so bytes are in its order. Another layout gets another magic number: the two
/// may be of different versions of the server.
struct Facts {
  uint32_t magic;
  uint32_t listener;
  uint32_t input_bytes;
  uint16_t port;
  uint8_t protocol;
  uint8_t in_head;
  int64_t remaining_ms;
  char host[sizeof(net::PeerName::host)];
};
constexpr uint32_t kMagic = 0x74736801;

}  // namespace

size_t facts_size() { return sizeof(Facts); }

std::string encode_facts(const KeptConnection& connection) {
  Facts facts{};
  facts.magic = kMagic;
  facts.listener = connection.listener;
  facts.input_bytes = static_cast<uint32_t>(connection.input.size());
  facts.port = connection.peer.port;
  facts.protocol = static_cast<uint8_t>(connection.protocol);
  facts.in_head = connection.in_head ? 1 : 0;
  facts.remaining_ms = connection.remaining_ms;
  std::memcpy(facts.host, connection.peer.host, sizeof facts.host);
  return {reinterpret_cast<const char*>(&facts), sizeof facts};
}

bool decode_message(std::string_view message, uint32_t listeners, KeptConnection& out) {
  Facts facts{};
  if (message.size() < sizeof facts) return false;
  std::memcpy(&facts, message.data(), sizeof facts);
  const std::string_view input = message.substr(sizeof facts);
  const bool sound = facts.magic == kMagic && facts.listener < listeners && facts.input_bytes == input.size() &&
                     input.size() <= kMostKeptInput && facts.protocol <= static_cast<uint8_t>(Protocol::uwsgi) &&
                     facts.in_head <= 1 && facts.host[sizeof facts.host - 1] == '\0';
  if (!sound) return false;
  out.listener = facts.listener;
  out.peer.port = facts.port;
  std::memcpy(out.peer.host, facts.host, sizeof facts.host);
  out.protocol = static_cast<Protocol>(facts.protocol);
  out.in_head = facts.in_head == 1;
  out.remaining_ms = facts.remaining_ms;
  out.input.assign(input);
  return true;
}

}  // namespace tsuwsgi::server
