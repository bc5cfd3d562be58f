#pragma once

#include <memory>
#include <string_view>

#include "server/dispatch_request.h"
#include "server/loop_context.h"
#include "server/read_body.h"
#include "server/read_packet.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// Bytes of a connection to requests: heads through the cache or the parser, bodies to their reader. Belongs to one
/// loop.
class RequestReader {
 public:
  RequestReader(LoopContext& context, RequestDispatcher& dispatcher, ResponseWriter& writer);

  /// The socket may have something: reads until it is empty or enough is waiting.
  void read(Connection& connection);
  /// Both directions of the connection are over.
  void end(Connection& connection);
  /// Goes on after a request ended, a body may grow, or reading was put off.
  void resume(Connection& connection);

 private:
  /// How one step of parsing ended.
  enum class Step : uint8_t { kAgain, kWait, kStop };

  bool wants_input(const Connection& connection) const;
  bool read_once(Connection& connection);
  void end_of_input(Connection& connection);
  void end_inside_body(Connection& connection);
  void keep_rest(Connection& connection, std::string_view rest);
  void consume_buffered(Connection& connection);

  size_t process(Connection& connection, std::string_view bytes);
  Step read_head(Connection& connection, std::string_view bytes, size_t& consumed);
  Step read_packet(Connection& connection, std::string_view bytes, size_t& consumed);
  bool may_start_next(const Connection& connection, std::string_view bytes) const;
  bool begin_cached(Connection& connection, std::string_view bytes, size_t& consumed);
  Step parse_head(Connection& connection, std::string_view bytes, size_t& consumed);
  void begin_parsed(Connection& connection, const http1::RequestHead& head, std::string_view bytes);
  void begin_with_body(Request& request, const http1::RequestHead& head, std::string_view bytes);
  Request& new_request(Connection& connection, const http1::RequestHead& head, std::string_view bytes);
  bool reject_if_busy(Request& request);

  LoopContext& context_;
  RequestDispatcher& dispatcher_;
  ResponseWriter& writer_;
  BodyReader body_reader_;
  PacketReader packets_;
  std::unique_ptr<PartialHead>
      fresh_;  ///< parser for heads that arrive whole; given to the connection where one does not
  http1::HeadParser line_parser_;
  http1::RequestHead line_;
  std::unique_ptr<char[]> scratch_;
};

}  // namespace tsuwsgi::server
