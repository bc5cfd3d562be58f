#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/dispatch_request.h"
#include "server/loop_context.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// Body bytes of the request that a connection is reading: to memory, then to a spool file, or on to JavaScript.
/// Belongs to one loop.
class BodyReader {
 public:
  BodyReader(LoopContext& context, RequestDispatcher& dispatcher, ResponseWriter& writer)
      : context_(context), dispatcher_(dispatcher), writer_(writer) {}

  /// Prepares the connection's decoder and decides where the bytes will go. Without a length the body is chunked.
  void start(Request& request, std::optional<uint64_t> length);
  /// Uses up bytes of `connection.reading`'s body; returns how many. Afterwards `connection.reading` is null where the
  /// body is complete or refused.
  size_t feed(Connection& connection, std::string_view bytes);
  /// May more of the body be read now? (Streamed bodies wait for JavaScript's credit.)
  static bool wants_more(const Request& request) { return !request.streamed || request.body_credit > 0; }

 private:
  bool store(Request& request, std::string_view bytes);
  bool spool(Request& request, std::string_view bytes);
  void pass_on(Request& request, std::string_view bytes);
  bool fits_memory(const Request& request, size_t more) const;
  void complete(Connection& connection);

  LoopContext& context_;
  RequestDispatcher& dispatcher_;
  ResponseWriter& writer_;
};

}  // namespace tsuwsgi::server
