#pragma once

#include <string_view>

#include "server/loop_context.h"
#include "server/send_responses.h"

namespace tsuwsgi::server {

/// Applies JavaScript's operations and writes answers; what sends them is its own. Belongs to one loop.
class ResponseWriter {
 public:
  explicit ResponseWriter(LoopContext& context) : context_(context), sender_(context) {}

  /// One operation record for this loop. A request that is gone makes it a counted no-op.
  void apply(const uint8_t* record);

  /// Answers by the core itself and closes the connection after it. Whatever else of the connection JavaScript is
  /// running is aborted. `method` and `target`: of a head that is refused, as far as they are known.
  void refuse(Connection& connection, uint16_t status, const char* reason, std::string_view method = {},
              std::string_view target = {});
  /// 503 for one request, the connection goes on where its body was read.
  void reject(Request& request);
  /// 502, 503 or 504 for one request of which no byte is out: JavaScript will not answer it. The connection goes on
  /// where its body was read.
  void answer_instead(Request& request, uint16_t status);

  /// See ResponseSender.
  void flush(Connection& connection) { sender_.flush(connection); }
  void abort(Connection& connection, AbortReason reason) { sender_.abort(connection, reason); }
  void let_go(Connection& connection) { sender_.let_go(connection); }
  void send_continue(Request& request) { sender_.send_continue(request); }

 private:
  void apply_to(Request& request, OpType type, const uint8_t* record);
  bool begin(Request& request, const uint8_t* record, bool complete);
  void respond(Request& request, const uint8_t* record);
  void cut_unknown_head(Request& request, uint32_t head_id);
  void cut(Connection& connection);
  void append_body(Request& request, std::string_view bytes);
  void append_lent(Request& request, LentBytes bytes);
  void append_file(Request& request, const uint8_t* record);
  void end(Request& request);
  void set_deadline(Request& request, uint64_t limit_us);
  uint64_t admit(Request& request, uint64_t size);
  /// Around `size` bytes of the body, where it goes out in chunks.
  void open_chunk(Request& request, uint64_t size);
  void close_chunk(Request& request);
  void add_framing(Request& request, std::string_view bytes);

  OutputQueue& output_of(Request& request);
  void finish(Request& request);
  /// With an answer of the core's own; `request.plan.keep_alive` tells whether the connection goes on.
  void finish_refused(Request& request, uint16_t status);

  LoopContext& context_;
  ResponseSender sender_;
};

}  // namespace tsuwsgi::server
