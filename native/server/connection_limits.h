#pragma once

#include "server/give_connections.h"
#include "server/loop_context.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// Which limit a connection is under, and what happens when it passes. Belongs to one loop.
class ConnectionLimits {
 public:
  ConnectionLimits(LoopContext& context, ResponseWriter& writer, ConnectionGiver& giver)
      : context_(context), writer_(writer), giver_(giver) {}

  /// A connection that was just accepted: its first request has --header-timeout.
  void start(Connection& connection);
  /// To be called when something happened on the connection: finds its phase and sets the deadline.
  void update(Connection& connection);
  /// The same for one that another worker gave away: without a request its time goes on.
  void resume(Connection& connection);
  /// The deadline has passed.
  void expire(Connection& connection);

 private:
  Connection::Phase phase_of(const Connection& connection) const;
  int64_t limit_of(Connection::Phase phase) const;
  void begin_phase(Connection& connection, Connection::Phase phase);
  void end_idle(Connection& connection);
  static uint64_t moved_bytes(const Connection& connection);
  bool kept_rate(Connection& connection);
  void expire_body(Connection& connection);
  void expire_sending(Connection& connection);

  LoopContext& context_;
  ResponseWriter& writer_;
  ConnectionGiver& giver_;
};

}  // namespace tsuwsgi::server
