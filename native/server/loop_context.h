#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/slab.h"
#include "base/unique_fd.h"
#include "net/poller.h"
#include "net/timer_wheel.h"
#include "server/access_log.h"
#include "server/connection.h"
#include "server/counters.h"
#include "server/head_cache.h"
#include "server/head_table.h"
#include "server/held_body.h"
#include "server/loop_board.h"
#include "server/record_queue.h"
#include "server/request.h"
#include "server/server_options.h"
#include "server/shared_state.h"

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
  LoopBoard board;
  Counters& counters;  ///< the board's
  AccessLog access_log;
  HeadCache head_cache;
  HeadTable heads;

  RecordQueue events;                  ///< for JavaScript, delivered at the end of the turn
  std::vector<Connection*> dirty;      ///< have something to send
  std::vector<Connection*> resumable;  ///< may go on reading or parsing
  std::vector<Connection*> closed;     ///< to be freed at the end of the turn; nothing else may hold them then
  /// When the operations came that are applied now; microseconds.
  int64_t operations_us = 0;
  bool draining = false;
  bool evacuating = false;  ///< JavaScript is blocked and the process is about to be killed: nothing is for it any more
  bool holds_input = false;  ///< while evacuating: what has not been read yet is for another worker (Connection::held)
  bool has_taker = false;    ///< while draining: connections between two requests go to another worker
  int64_t refusals_second = -1;
  uint32_t refusals_logged = 0;
  uint64_t refusals_suppressed = 0;

  /// Whether an answer is the last one of its connection whatever the peer wants.
  bool closes_connections() const { return draining && !has_taker; }

  uint32_t request_handle(const Request& request) const { return request.handle(index); }

  void mark_dirty(Connection& connection) {
    if (connection.dirty) return;
    connection.dirty = true;
    dirty.push_back(&connection);
  }
  void mark_resumable(Connection& connection) {
    if (connection.resumable) return;
    connection.resumable = true;
    resumable.push_back(&connection);
  }
  /// Nobody takes it: what it holds back is read here.
  void read_on(Connection& connection) {
    if (!connection.held) return;
    connection.held = false;
    mark_resumable(connection);
  }
  void small_event(EventType type, const Request& request, uint32_t value = 0) {
    events.append_small(type, request_handle(request), request.generation, value);
  }
  /// One record for the operator. `level` 0 info, 1 warning, 2 error. `reason` and `status` are a refusal's, which are
  /// part of the text as well.
  void log(uint32_t level, std::string_view text, std::string_view reason = {}, uint16_t status = 0);
  /// A refused request's record. At most a few a second, the rest are counted in the next one: hostile input must not
  /// fill the log.
  void log_refusal(const Connection& connection, uint16_t status, std::string_view reason);
  /// An answer that its client does not get to the end.
  void log_cut(const Connection& connection, std::string_view reason);
  /// The same for a uwsgi packet that is not answered.
  void log_dropped_packet(const Connection& connection, std::string_view reason);

  void released(uint32_t id) override;

  /// The loop begins a turn: `clock` is of now.
  void begin_turn();
  /// Where JavaScript's answers, which come now, get their time from. `stale`: JavaScript ran since the turn began.
  void note_operations(bool stale) { operations_us = stale && measures_ ? base::monotonic_us() : clock.now_us(); }
  /// For JavaScript from now on.
  void hand_over(Request& request);
  /// Nothing more comes from JavaScript, and nothing is expected.
  void note_answer(Request& request);
  /// The kernel has all of the answer, or the peer is gone: nobody needs the request any more.
  void conclude(Request& request, int64_t now_us);
  /// Its line, for the log that is on.
  void log_request(const Request& request, int64_t now_us);
  /// Whether requests are worth to be kept until their answer is sent.
  bool measures() const { return measures_; }
  /// Whether requests keep their bytes until they are answered: in pool mode, where the loop can pass on what blocked
  /// JavaScript has not begun.
  bool keeps_wire() const { return keeps_wire_; }
  /// Takes the front request out of the connection's line.
  void pop_request(Connection& connection);
  /// As if `first`, and what stands behind it on the connection, had not been read. All have their `wire`, and nothing
  /// comes from JavaScript for them.
  void unread_requests(Connection& connection, Request& first);
  /// Connections came, went, or changed between having a request and having none.
  void tell_idle() { counters.idle.set(counters.connections.get() - busy_); }

  /// A connection of this loop from now on.
  Connection& acquire_connection(base::UniqueFd fd, const net::PeerName& peer, uint32_t listener, Protocol protocol);
  /// A request that has just arrived on `connection`; it joins the connection's line.
  Request& acquire_request(Connection& connection);
  /// The body, to be given to JavaScript; it takes its part of the worker's account along.
  std::unique_ptr<HeldBody> hold_body(Request& request);
  /// Takes the body's bytes out of the worker's account.
  void forget_body_memory(Request& request);
  void free_request(Request& request);

 private:
  void log_rarely(std::string text, std::string_view reason, uint16_t status, const Connection& connection);
  int64_t kernel_time(const Connection& connection);

  const bool measures_;
  const bool keeps_wire_;
  const JsProgress* progress_;
  int64_t last_turn_us_ = 0;
  bool came_late_ = false;         ///< what this turn finds may have waited in the kernel
  uint32_t kernel_questions_ = 0;  ///< that this turn may still ask
  uint64_t busy_ = 0;              ///< connections with requests
};

}  // namespace tsuwsgi::server
