#pragma once

#include <vector>

#include "server/accept_connections.h"
#include "server/connection_limits.h"
#include "server/evacuate.h"
#include "server/give_connections.h"
#include "server/loop_context.h"
#include "server/request_sink.h"
#include "server/take_connections.h"

namespace tsuwsgi::server {

/// How a loop ends its work for this worker: it drains when it is told to, and evacuates when the master has condemned
/// a worker whose JavaScript is blocked. Belongs to one loop.
class Departure {
 public:
  Departure(LoopContext& context, RequestSink& sink, ResponseWriter& writer, Acceptor& acceptor, ConnectionTaker& taker,
            ConnectionGiver& giver, ConnectionLimits& limits)
      : context_(context),
        sink_(sink),
        acceptor_(acceptor),
        taker_(taker),
        giver_(giver),
        limits_(limits),
        evacuation_(context, writer) {}

  /// Accepts what waits, into `fresh`, and nothing more. Idle connections go into the channel `taker`, or end where
  /// that is -1; others after their running answer. `shared_too`: nobody else serves the shared queues.
  void drain(bool shared_too, int taker, std::vector<Connection*>& fresh);
  /// The channel for connections may have room again.
  void on_room();

  // Once a turn:
  /// Obeys the master's order, and goes on with it. At the turn's beginning, before JavaScript is given anything.
  void evacuate_if_due();
  /// Once what has arrived is dealt with: a connection that looked idle may have had a request in this turn's events.
  void leave_idle_if_due();
  /// Tells JavaScript, once, that the last connection is gone.
  void tell_if_drained();
  /// How soon the next order has to be looked for; -1: at the next turn, whenever that is.
  int look_in_ms() const { return evacuation_.look_in_ms(); }

 private:
  void evacuate();

  LoopContext& context_;
  RequestSink& sink_;
  Acceptor& acceptor_;
  ConnectionTaker& taker_;
  ConnectionGiver& giver_;
  ConnectionLimits& limits_;
  Evacuation evacuation_;
  bool leaves_idle_ = false;  ///< at the end of this turn
  bool drained_told_ = false;
};

}  // namespace tsuwsgi::server
