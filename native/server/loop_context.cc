#include "server/loop_context.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace tsuwsgi::server {

namespace {
constexpr uint32_t kRefusalsPerSecond = 10;

uint32_t templates_per_loop(const ServerOptions& options) {
  return std::max(1u, std::min(kTemplatesPerLoop, (kMaxTemplates - 1) / std::max(1u, options.loops)));
}
}  // namespace

LoopContext::LoopContext(const ServerOptions& server_options, SharedState& shared_state, uint32_t loop_index)
    : options(server_options),
      shared(shared_state),
      index(loop_index),
      wheel(clock.now_ms()),
      access_log(server_options, loop_index),
      head_cache(loop_index * templates_per_loop(server_options) + 1, templates_per_loop(server_options)) {}

void LoopContext::log(uint32_t level, std::string_view text) {
  uint8_t* record = events.append(EventType::kLog, 3 * kWordBytes + text.size());
  RecordQueue::put(record, 1, level);
  RecordQueue::put(record, 2, static_cast<uint32_t>(text.size()));
  std::memcpy(record + 3 * kWordBytes, text.data(), text.size());
}

void LoopContext::log_refusal(const Connection& connection, uint16_t status, std::string_view reason) {
  log_rarely("refused with " + std::to_string(status) + " (" + std::string(reason) + ")", connection);
}

void LoopContext::log_dropped_packet(const Connection& connection, std::string_view reason) {
  log_rarely("uwsgi packet refused (" + std::string(reason) + "), connection closed", connection);
}

void LoopContext::log_rarely(std::string text, const Connection& connection) {
  if (refusals_second != clock.wall_seconds()) {
    refusals_second = clock.wall_seconds();
    refusals_logged = 0;
  }
  if (refusals_logged++ >= kRefusalsPerSecond) {
    ++refusals_suppressed;
    return;
  }
  const net::PeerName& peer = connection.peer;
  text += ", peer ";
  text += peer.host[0] == '\0' ? "on a UNIX socket" : peer.host + (":" + std::to_string(peer.port));
  if (refusals_suppressed > 0) text += "; " + std::to_string(refusals_suppressed) + " more were not logged";
  refusals_suppressed = 0;
  log(1, text);
}

void LoopContext::released(uint32_t id) { events.append_small(EventType::kReleased, id, 0); }

Request& LoopContext::acquire_request(Connection& connection) {
  Request& request = requests.acquire();
  request.connection = &connection;
  request.arrived_us = clock.now_us();
  request.output.set_owner(this);
  connection.requests.push(&request);
  return request;
}

void LoopContext::forget_body_memory(Request& request) {
  if (request.body_memory == 0) return;
  shared.body_memory.fetch_sub(request.body_memory, std::memory_order_relaxed);
  request.body_memory = 0;
}

void LoopContext::free_request(Request& request) {
  forget_body_memory(request);
  if (request.known_to_js) counters.in_flight.subtract();
  requests.release(request);
}

}  // namespace tsuwsgi::server
