#pragma once

#include "server/loop_context.h"

namespace tsuwsgi::server {

/// Sends what was written, in the order of the requests, and ends what is done: requests, and the connection behind the
/// last of them. Belongs to one loop.
class ResponseSender {
 public:
  explicit ResponseSender(LoopContext& context) : context_(context) {}

  /// The front request's answer is complete: answers behind it that are complete as well follow.
  void finish_front(Connection& connection);
  /// Sends what is there. Ends the connection where that was the last thing to do.
  void flush(Connection& connection);
  /// The connection is over: its requests are told why, the descriptor closes at the end of the turn.
  void abort(Connection& connection, AbortReason reason);
  /// The connection goes on elsewhere: our descriptor closes at the end of the turn.
  void let_go(Connection& connection) { close(connection); }
  /// Sends "100 Continue" where the front request waits for it.
  void send_continue(Request& request);

 private:
  void release_front(Connection& connection);
  void conclude_oldest(Connection& connection, int64_t now_us);
  void conclude_finished(Connection& connection);
  void give_up_requests(Connection& connection, AbortReason reason);
  void note_unsent(Connection& connection, AbortReason reason);
  void acknowledge(Connection& connection);
  void output_drained(Connection& connection);
  void close(Connection& connection);

  LoopContext& context_;
};

}  // namespace tsuwsgi::server
