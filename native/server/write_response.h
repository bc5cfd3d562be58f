#pragma once

#include <string_view>

#include "server/loop_context.h"

namespace tsuwsgi::server {

/// Applies JavaScript's operations, writes answers in the order of their requests, and ends requests. Belongs to one
/// loop.
class ResponseWriter {
 public:
  explicit ResponseWriter(LoopContext& context) : context_(context) {}

  /// One operation record for this loop. A request that is gone makes it a counted no-op.
  void apply(const uint8_t* record);

  /// Answers by the core itself and closes the connection after it. Whatever else of the connection JavaScript is
  /// running is aborted.
  void refuse(Connection& connection, uint16_t status, const char* reason, bool head_request = false);
  /// 503 for one request, the connection goes on where its body was read.
  void reject(Request& request);

  /// Sends what is there. Ends the connection where that was the last thing to do.
  void flush(Connection& connection);
  /// The connection is over: its requests are told why, the descriptor closes at the end of the turn.
  void abort(Connection& connection, AbortReason reason);
  /// Sends "100 Continue" where the front request waits for it.
  void send_continue(Request& request);

 private:
  void apply_to(Request& request, OpType type, const uint8_t* record);
  bool begin(Request& request, const uint8_t* record, bool complete);
  void respond(Request& request, const uint8_t* record);
  void append_body(Request& request, std::string_view bytes);
  void append_lent(Request& request, LentBytes bytes);
  void append_file(Request& request, const uint8_t* record);
  void end(Request& request);
  uint64_t admit(Request& request, uint64_t size);
  void acknowledge(Connection& connection);

  OutputQueue& output_of(Request& request);
  void finish(Request& request);
  void finish_front(Connection& connection);
  void release_front(Connection& connection);
  void give_up_requests(Connection& connection, AbortReason reason);
  void output_drained(Connection& connection);
  void close(Connection& connection);

  LoopContext& context_;
};

}  // namespace tsuwsgi::server
