#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/slab.h"
#include "net/poller.h"
#include "net/timer_wheel.h"
#include "server/access_log.h"
#include "server/connection.h"
#include "server/counters.h"
#include "server/head_cache.h"
#include "server/head_table.h"
#include "server/record_queue.h"
#include "server/request.h"
#include "server/server_options.h"

namespace tsuwsgi::server {

/// Everything one I/O loop owns. Only `counters` (read) and `poller.wake` may be touched by other threads.
struct LoopContext final : LentBytesOwner {
  LoopContext(const ServerOptions& server_options, SharedState& shared_state, uint32_t loop_index);

  const ServerOptions& options;
  SharedState& shared;
  const uint32_t index;
  base::ThreadOwner owner;

  base::Clock clock;
  net::Poller poller;
  net::TimerWheel wheel;
  base::Slab<Connection> connections;
  base::Slab<Request> requests;
  Counters counters;
  AccessLog access_log;
  HeadCache head_cache;
  HeadTable heads;

  RecordQueue events;                  ///< for JavaScript, delivered at the end of the turn
  std::vector<Connection*> dirty;      ///< have something to send
  std::vector<Connection*> resumable;  ///< may go on reading or parsing
  std::vector<Connection*> closed;     ///< to be freed at the end of the turn; nothing else may hold them then
  bool draining = false;
  int64_t refusals_second = -1;
  uint32_t refusals_logged = 0;
  uint64_t refusals_suppressed = 0;

  uint32_t request_handle(const Request& request) const { return request.slot | index << kLoopShift; }

  void mark_dirty(Connection& connection) {
    if (connection.dirty) return;
    connection.dirty = true;
    dirty.push_back(&connection);
  }
  void small_event(EventType type, const Request& request, uint32_t value = 0) {
    events.append_small(type, request_handle(request), request.generation, value);
  }
  /// One record for the operator. `level` 0 info, 1 warning, 2 error.
  void log(uint32_t level, std::string_view text);
  /// A refused request's record. At most a few a second, the rest are counted in the next one: hostile input must not
  /// fill the log.
  void log_refusal(const Connection& connection, uint16_t status, std::string_view reason);
  /// The same for a uwsgi packet that is not answered.
  void log_dropped_packet(const Connection& connection, std::string_view reason);

  void released(uint32_t id) override;

  /// A request that has just arrived on `connection`; it joins the connection's line.
  Request& acquire_request(Connection& connection);
  /// Takes the body's bytes out of the worker's account.
  void forget_body_memory(Request& request);
  void free_request(Request& request);

 private:
  void log_rarely(std::string text, const Connection& connection);
};

}  // namespace tsuwsgi::server
