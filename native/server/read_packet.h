#pragma once

#include <string>
#include <string_view>

#include "proto/parse_result.h"
#include "proto/uwsgi/head_parser.h"
#include "server/dispatch_request.h"
#include "server/loop_context.h"
#include "server/read_body.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// The head step of connections that speak uwsgi: a packet's header and variables become a request. One request a
/// connection. Belongs to one loop.
class PacketReader {
 public:
  PacketReader(LoopContext& context, RequestDispatcher& dispatcher, ResponseWriter& writer, BodyReader& body_reader);

  /// `bytes` is everything of the packet that has come. kDone: `consumed` of them were the packet, and its request (or
  /// ping) is under way. kRefused: nothing more of the connection is looked at.
  proto::ParseResult read(Connection& connection, std::string_view bytes, size_t& consumed);
  /// The input has ended where a request was wanted.
  void end_inside(Connection& connection);

 private:
  void refuse(Connection& connection, std::string_view bytes, const proto::Refusal& refusal);
  void drop(Connection& connection, std::string_view reason);
  void answer_ping(Connection& connection);
  std::string describe(std::string_view bytes, const proto::Refusal& refusal) const;
  void begin(Connection& connection, std::string_view bytes);
  void begin_with_body(Request& request, std::string_view bytes);

  LoopContext& context_;
  RequestDispatcher& dispatcher_;
  ResponseWriter& writer_;
  BodyReader& body_reader_;
  uwsgi::HeadParser parser_;
  uwsgi::RequestHead head_;
};

}  // namespace tsuwsgi::server
