#include "server/read_packet.h"

#include <algorithm>
#include <string>

#include "proto/uwsgi/response_writer.h"

namespace tsuwsgi::server {

namespace {
/// Of a variable's name in a log record.
constexpr uint32_t kMaxNameBytes = 64;

std::string_view text_of(std::string_view bytes, proto::Span span) { return bytes.substr(span.offset, span.length); }
}  // namespace

PacketReader::PacketReader(LoopContext& context, RequestDispatcher& dispatcher, ResponseWriter& writer,
                           BodyReader& body_reader)
    : context_(context),
      dispatcher_(dispatcher),
      writer_(writer),
      body_reader_(body_reader),
      parser_(context.options.request) {}

proto::ParseResult PacketReader::read(Connection& connection, std::string_view bytes, size_t& consumed) {
  proto::Refusal refusal;
  const proto::ParseResult result = parser_.parse(bytes.data(), bytes.size(), head_, refusal);
  if (result == proto::ParseResult::kRefused) refuse(connection, bytes, refusal);
  if (result != proto::ParseResult::kDone) return result;
  consumed = head_.size;
  if (head_.is_ping()) {
    answer_ping(connection);
  } else {
    begin(connection, bytes);
  }
  return result;
}

/// A front server that only looks whether somebody listens sends nothing.
void PacketReader::end_inside(Connection& connection) {
  if (connection.pending_input().empty()) return writer_.abort(connection, AbortReason::kClient);
  drop(connection, "the input ended inside the packet");
}

void PacketReader::refuse(Connection& connection, std::string_view bytes, const proto::Refusal& refusal) {
  if (!uwsgi::is_answered(refusal)) return drop(connection, describe(bytes, refusal));
  context_.counters.bad_requests.add();
  writer_.refuse(connection, refusal.status, refusal.reason, text_of(bytes, head_.method),
                 text_of(bytes, head_.target));
}

/// No request came, so there is nothing to answer.
void PacketReader::drop(Connection& connection, std::string_view reason) {
  context_.counters.bad_requests.add();
  context_.log_dropped_packet(connection, reason);
  writer_.abort(connection, AbortReason::kNone);
}

void PacketReader::answer_ping(Connection& connection) {
  connection.output.tail() += uwsgi::kPong;
  connection.close_after_output = true;
  context_.mark_dirty(connection);
}

std::string PacketReader::describe(std::string_view bytes, const proto::Refusal& refusal) const {
  std::string text(refusal.reason);
  if (refusal.status == 501) {
    const std::string_view name = uwsgi::modifier_name(head_.modifier1);
    text = "modifier1 " + std::to_string(head_.modifier1);
    if (!name.empty()) text.append(" (").append(name).append(")");
    text += " is not served";
  } else if (head_.blamed.length > 0) {
    const uint32_t length = std::min(head_.blamed.length, kMaxNameBytes);
    text.append(", variable ").append(text_of(bytes, {head_.blamed.offset, length}));
  }
  return text;
}

void PacketReader::begin(Connection& connection, std::string_view bytes) {
  Request& request = context_.acquire_request(connection);
  const std::string_view method = text_of(bytes, head_.method);
  request.head_request = method == "HEAD";
  request.keep_alive = false;
  request.version_minor = head_.http10 ? 0 : 1;
  context_.counters.requests.add();
  if (context_.keeps_wire()) request.begin_wire(bytes.substr(0, head_.size));
  if (context_.access_log.enabled()) dispatcher_.note_for_log(request, head_, bytes);
  if (head_.has_body()) return begin_with_body(request, bytes);
  if (dispatcher_.over_pending_limit()) {
    request.body_complete = true;
    return writer_.reject(request);
  }
  dispatcher_.dispatch_bodyless(request, head_, bytes);
}

void PacketReader::begin_with_body(Request& request, std::string_view bytes) {
  if (dispatcher_.rejects_unread_bodies()) {
    request.connection->discard_input = true;
    return writer_.reject(request);
  }
  request.connection->reading = &request;
  dispatcher_.prepare(request, head_, bytes);
  body_reader_.start(request, head_.content_length);
}

}  // namespace tsuwsgi::server
