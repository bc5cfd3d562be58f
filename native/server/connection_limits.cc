#include "server/connection_limits.h"

#include <algorithm>

#include "net/socket_io.h"

namespace tsuwsgi::server {

namespace {
using Phase = Connection::Phase;
/// While draining: how long a connection that was accepted before may take to begin its first request.
constexpr int64_t kFreshGraceMs = 1000;
}  // namespace

void ConnectionLimits::start(Connection& connection) {
  connection.phase = Phase::kHead;
  context_.wheel.set(connection, context_.clock.now_ms() + limit_of(Phase::kHead));
}

Phase ConnectionLimits::phase_of(const Connection& connection) const {
  if (connection.phase == Phase::kLingering) return Phase::kLingering;
  if (!connection.output.empty()) return Phase::kSending;
  if (connection.reading != nullptr) {
    const Request& request = *connection.reading;
    return request.streamed && request.body_credit == 0 ? Phase::kAnswering : Phase::kBody;
  }
  if (connection.requests.front != nullptr) return Phase::kAnswering;
  return connection.partial != nullptr || !connection.pending_input().empty() ? Phase::kHead : Phase::kIdle;
}

int64_t ConnectionLimits::limit_of(Phase phase) const {
  int64_t limit = 0;
  switch (phase) {
    case Phase::kIdle:
      limit = context_.options.keep_alive_timeout_ms;
      break;
    case Phase::kHead:
      limit = context_.options.header_timeout_ms;
      break;
    case Phase::kBody:
      limit = context_.options.body_timeout_ms;
      break;
    case Phase::kSending:
      limit = context_.options.send_timeout_ms;
      break;
    case Phase::kLingering:
      limit = context_.options.linger_timeout_ms;
      break;
    case Phase::kAnswering:
      break;
  }
  return limit > 0 ? limit : Connection::kNever;
}

void ConnectionLimits::begin_phase(Connection& connection, Phase phase) {
  connection.phase = phase;
  const int64_t deadline = context_.clock.now_ms() + limit_of(phase);
  connection.window_bytes = 0;
  const bool measured = phase == Phase::kSending && connection.output_blocked;
  connection.window_unacknowledged = measured ? net::unacknowledged_bytes(connection.fd.get()) : 0;
  connection.window_end_ms = deadline;
  context_.wheel.set(connection, deadline);
}

void ConnectionLimits::update(Connection& connection) {
  if (connection.closing) return;
  const Phase phase = phase_of(connection);
  if (context_.draining && (phase == Phase::kIdle || phase == Phase::kHead)) {
    using Outcome = ConnectionGiver::Outcome;
    const Outcome outcome = giver_.give(connection, phase == Phase::kHead);
    if (outcome == Outcome::kGiven) return;
    if (outcome == Outcome::kStays) context_.read_on(connection);
    const bool ends = outcome == Outcome::kStays && phase == Phase::kIdle && !connection.more_to_read;
    if (ends) return end_idle(connection);
  }
  if (phase == connection.phase && phase != Phase::kIdle) return;
  // A fresh connection stays under --header-timeout until its first request is answered.
  if (phase == Phase::kIdle && connection.phase == Phase::kHead) return;
  begin_phase(connection, phase);
}

void ConnectionLimits::resume(Connection& connection) {
  const bool idle = connection.phase == Phase::kIdle && phase_of(connection) == Phase::kIdle;
  if (!idle || context_.draining) update(connection);
}

void ConnectionLimits::end_idle(Connection& connection) {
  if (connection.phase != Phase::kHead) return writer_.abort(connection, AbortReason::kNone);
  // It was just accepted and its first request may be on the way.
  context_.wheel.set(connection, std::min(connection.deadline_ms, context_.clock.now_ms() + kFreshGraceMs));
}

/// What the peer gave or took in this window. The kernel's send buffer may hold megabytes: bytes that left it count,
/// not bytes that entered.
uint64_t ConnectionLimits::moved_bytes(const Connection& connection) {
  if (connection.phase != Phase::kSending) return connection.window_bytes;
  const uint64_t before = connection.window_unacknowledged + connection.window_bytes;
  const uint64_t now = net::unacknowledged_bytes(connection.fd.get());
  return before > now ? before - now : 0;
}

/// In a window as long as the timeout at least --min-rate must have moved, and something at all. Then a new window
/// begins.
bool ConnectionLimits::kept_rate(Connection& connection) {
  const int64_t window_ms = limit_of(connection.phase);
  const uint64_t wanted = static_cast<uint64_t>(window_ms) * context_.options.min_rate / 1000;
  const uint64_t moved = moved_bytes(connection);
  if (moved == 0 || moved < wanted) return false;
  begin_phase(connection, connection.phase);
  return true;
}

void ConnectionLimits::expire(Connection& connection) {
  if (connection.closing) return;
  switch (connection.phase) {
    case Phase::kIdle:
    case Phase::kLingering:
      return writer_.abort(connection, AbortReason::kNone);
    case Phase::kHead:
      context_.counters.timeouts.add();
      if (connection.partial == nullptr && connection.pending_input().empty()) {
        return writer_.abort(connection, AbortReason::kNone);
      }
      if (connection.protocol == Protocol::uwsgi) {
        context_.log_dropped_packet(connection, "the packet did not arrive within --header-timeout");
        return writer_.abort(connection, AbortReason::kNone);
      }
      connection.partial.reset();
      return writer_.refuse(connection, 408, "the head did not arrive within --header-timeout");
    case Phase::kBody:
      return expire_body(connection);
    case Phase::kSending:
      return expire_sending(connection);
    case Phase::kAnswering:
      return;
  }
}

void ConnectionLimits::expire_sending(Connection& connection) {
  if (kept_rate(connection)) return;
  context_.counters.timeouts.add();
  context_.log_cut(connection, "the client took too little of it: --send-timeout, --min-rate");
  writer_.abort(connection, AbortReason::kSendTimeout);
}

void ConnectionLimits::expire_body(Connection& connection) {
  if (kept_rate(connection)) return;
  context_.counters.timeouts.add();
  writer_.refuse(connection, 408, "the body did not arrive within --body-timeout, or slower than --min-rate");
}

}  // namespace tsuwsgi::server
