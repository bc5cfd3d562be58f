#include "server/write_response.h"

#include <cstring>
#include <string>

#include "net/socket_io.h"
#include "server/response_head.h"

namespace tsuwsgi::server {

namespace {

uint64_t double_word(const uint8_t* record, uint32_t low) {
  return word_at(record, low) | uint64_t{word_at(record, low + 1)} << 32;
}

std::string_view data_of(const uint8_t* record, size_t offset, size_t length) {
  return {reinterpret_cast<const char*>(record) + size_t{kOpData} * kWordBytes + offset, length};
}

ResponseHead inline_head(const uint8_t* record) {
  ResponseHead head;
  const uint32_t status = word_at(record, kOpStatus);
  head.status = static_cast<uint16_t>(status & 0xFFFF);
  head.flags = status >> 16;
  head.fields = word_at(record, kOpFields);
  head.declared = double_word(record, kOpDeclaredLow);
  head.bytes = data_of(record, 0, word_at(record, kOpHeadLength));
  return head;
}

/// The binding has put the memory's address into the record.
LentBytes lent_bytes(const uint8_t* record) {
  const auto address = static_cast<uintptr_t>(double_word(record, kOpDeclaredLow));
  return {reinterpret_cast<const uint8_t*>(address), word_at(record, kOpBodyLength), word_at(record, kOpHead)};
}

/// What the record carries beside the request: memory and descriptors must not leak when the request is gone.
void give_back_resources(LoopContext& context, OpType type, const uint8_t* record) {
  if (type == OpType::kRef) context.released(word_at(record, kOpHead));
  if (type == OpType::kFile) base::UniqueFd(static_cast<int>(word_at(record, kOpHead)));
}

}  // namespace

void ResponseWriter::apply(const uint8_t* record) {
  const auto type = static_cast<OpType>(record_type(record));
  if (type == OpType::kDefineHead) {
    context_.heads.define(word_at(record, kOpHead), inline_head(record));
    return;
  }
  const uint32_t slot = word_at(record, kOpSlot) & kSlotMask;
  Request* request = context_.requests.find(slot, word_at(record, kOpGeneration));
  if (request == nullptr || request->stage == Request::Stage::kEnded || !request->known_to_js) {
    context_.counters.stale_writes.add();
    give_back_resources(context_, type, record);
    return;
  }
  Connection& connection = *request->connection;
  apply_to(*request, type, record);
  if (!connection.closing) context_.mark_dirty(connection);
}

void ResponseWriter::apply_to(Request& request, OpType type, const uint8_t* record) {
  switch (type) {
    case OpType::kRespond:
      return respond(request, record);
    case OpType::kBegin:
      begin(request, record, false);
      return;
    case OpType::kChunk:
      return append_body(request, data_of(record, 0, word_at(record, kOpBodyLength)));
    case OpType::kRef:
      return append_lent(request, lent_bytes(record));
    case OpType::kFile:
      return append_file(request, record);
    case OpType::kEnd:
      return end(request);
    case OpType::kAbort:
      // What JavaScript wrote before may have come in the same batch: the client gets it as far as the socket takes it.
      flush(*request.connection);
      return abort(*request.connection, AbortReason::kNone);
    case OpType::kReadBody:
      request.body_credit += word_at(record, kOpBodyLength);
      context_.resumable.push_back(request.connection);
      return;
    case OpType::kDefineHead:
      return;
  }
}

OutputQueue& ResponseWriter::output_of(Request& request) {
  return request.is_front() ? request.connection->output : request.output;
}

bool ResponseWriter::begin(Request& request, const uint8_t* record, bool complete) {
  const uint32_t head_id = word_at(record, kOpHead);
  const ResponseHead own = inline_head(record);
  const ResponseHead* head = head_id == 0 ? &own : context_.heads.find(head_id);
  if (head == nullptr || request.stage != Request::Stage::kRunning) {
    context_.counters.stale_writes.add();
    return false;
  }
  const uint32_t op_flags = word_at(record, kOpStatus) >> 16;
  const uint32_t flags = head->flags | op_flags;
  http1::ResponseFacts facts;
  facts.status = head->status;
  facts.head_request = request.head_request;
  facts.version_minor = request.version_minor;
  facts.keep_alive = request.keep_alive && request.body_complete && (flags & kOpClose) == 0 && !context_.draining;
  facts.has_date = (flags & kOpHasDate) != 0;
  const uint64_t body_length = word_at(record, kOpBodyLength);
  const bool without_body = request.head_request || head->status == 304;
  facts.length_known = complete ? !(without_body && body_length == 0) : false;
  facts.length = body_length;
  if (head->declared != kUndeclared && (!complete || without_body)) {
    facts.length_known = true;
    facts.length = head->declared;
  }
  const Protocol protocol = request.connection->protocol;
  request.plan = plan_response(protocol, facts);
  request.status = head->status;
  request.fields = head->fields;
  request.want_done = (op_flags & kOpWantDone) != 0;
  request.declared = facts.length_known ? facts.length : kUndeclared;
  request.stage = Request::Stage::kResponding;
  std::string& out = output_of(request).tail();
  const size_t before = out.size();
  append_head(protocol, out, facts, request.plan, head->bytes, context_.clock.http_date());
  request.head_bytes = static_cast<uint32_t>(out.size() - before);
  return true;
}

void ResponseWriter::respond(Request& request, const uint8_t* record) {
  if (!begin(request, record, true)) return;
  const size_t head_length = word_at(record, kOpHead) == 0 ? word_at(record, kOpHeadLength) : 0;
  const size_t body_length = word_at(record, kOpBodyLength);
  if (request.plan.send_body && body_length > 0) {
    output_of(request).tail().append(data_of(record, head_length, body_length));
    request.sent_body = body_length;
  }
  finish(request);
}

uint64_t ResponseWriter::admit(Request& request, uint64_t size) {
  if (request.stage != Request::Stage::kResponding || !request.plan.send_body) return 0;
  if (request.plan.framing == http1::Framing::kLength && size > request.declared - request.sent_body) {
    if (!request.cut_after) {
      context_.log(2, "the application sent more than its Content-Length of " + std::to_string(request.declared) +
                          " bytes; the rest is left out and the connection closes");
    }
    request.cut_after = true;
    size = request.declared - request.sent_body;
  }
  request.sent_body += size;
  return size;
}

void ResponseWriter::append_body(Request& request, std::string_view bytes) {
  request.unacknowledged += bytes.size();
  bytes = bytes.substr(0, admit(request, bytes.size()));
  if (bytes.empty()) return;
  std::string& out = output_of(request).tail();
  const bool chunked = request.plan.framing == http1::Framing::kChunked;
  if (chunked) http1::append_chunk_head(out, bytes.size());
  out += bytes;
  if (chunked) out += "\r\n";
}

void ResponseWriter::append_lent(Request& request, LentBytes bytes) {
  request.unacknowledged += bytes.size;
  bytes.size = admit(request, bytes.size);
  if (bytes.size == 0) return context_.released(bytes.id);
  OutputQueue& output = output_of(request);
  const bool chunked = request.plan.framing == http1::Framing::kChunked;
  if (chunked) http1::append_chunk_head(output.tail(), bytes.size);
  output.add_lent(bytes);
  if (chunked) output.tail() += "\r\n";
}

void ResponseWriter::append_file(Request& request, const uint8_t* record) {
  base::UniqueFd file(static_cast<int>(word_at(record, kOpHead)));
  const uint64_t offset = double_word(record, kOpData);
  const uint64_t size = admit(request, double_word(record, kOpDeclaredLow));
  if (size == 0) return;
  OutputQueue& output = output_of(request);
  const bool chunked = request.plan.framing == http1::Framing::kChunked;
  if (chunked) http1::append_chunk_head(output.tail(), size);
  output.add_file(std::move(file), offset, size);
  if (chunked) output.tail() += "\r\n";
}

void ResponseWriter::end(Request& request) {
  if (request.stage != Request::Stage::kResponding) {
    context_.counters.stale_writes.add();
    return;
  }
  const bool length = request.plan.framing == http1::Framing::kLength;
  if (length && request.plan.send_body && request.sent_body < request.declared) {
    context_.log(2, "the application sent " + std::to_string(request.sent_body) + " of the " +
                        std::to_string(request.declared) + " bytes its Content-Length promised; the connection is cut");
    request.cut_after = true;
  }
  if (request.plan.framing == http1::Framing::kChunked && request.plan.send_body) {
    output_of(request).tail() += http1::kLastChunk;
  }
  finish(request);
}

void ResponseWriter::finish(Request& request) {
  request.stage = Request::Stage::kEnded;
  if (request.is_front()) finish_front(*request.connection);
}

void ResponseWriter::finish_front(Connection& connection) {
  while (connection.requests.front != nullptr && connection.requests.front->stage == Request::Stage::kEnded) {
    Request& done = *connection.requests.front;
    const bool goes_on = done.plan.keep_alive && !done.cut_after;
    release_front(connection);
    if (!goes_on) {
      connection.close_after_output = true;
      give_up_requests(connection, AbortReason::kClient);
      break;
    }
    Request* next = connection.requests.front;
    if (next == nullptr) break;
    connection.output.take(next->output);
    const bool unanswered = next->stage == Request::Stage::kBody || next->stage == Request::Stage::kRunning;
    if (next->continue_owed && unanswered && !next->body_complete) send_continue(*next);
  }
  context_.mark_dirty(connection);
  context_.resumable.push_back(&connection);
}

void ResponseWriter::release_front(Connection& connection) {
  Request& request = *connection.requests.front;
  const bool measures = context_.options.measures_time;
  if (measures || context_.access_log.enabled()) {
    const int64_t now_us = base::monotonic_us();
    if (measures) context_.counters.running_us.add(static_cast<uint64_t>(now_us - request.arrived_us));
    if (context_.access_log.enabled()) {
      context_.access_log.add(connection, request, now_us, context_.clock.wall_seconds());
    }
  }
  if (connection.reading == &request) {  // answered before its body was there: what comes is not looked at
    connection.reading = nullptr;
    connection.discard_input = true;
  }
  // All of it is in the connection's output now, so that its end is the end of that.
  if (request.want_done) connection.done_waiting.emplace_back(context_.request_handle(request), request.generation);
  connection.requests.pop();
  context_.free_request(request);
}

void ResponseWriter::give_up_requests(Connection& connection, AbortReason reason) {
  while (connection.requests.front != nullptr) {
    Request& request = *connection.requests.front;
    if (request.known_to_js && request.stage != Request::Stage::kEnded) {
      context_.small_event(EventType::kAborted, request, static_cast<uint32_t>(reason));
      context_.counters.aborted.add();
    } else if (request.want_done) {
      context_.small_event(EventType::kDone, request, 0);
    }
    connection.requests.pop();
    context_.free_request(request);
  }
  if (connection.reading != nullptr) connection.discard_input = true;
  connection.reading = nullptr;
}

void ResponseWriter::refuse(Connection& connection, uint16_t status, const char* reason, bool head_request) {
  context_.log_refusal(connection, status, reason);
  Request* request = connection.reading;
  connection.reading = nullptr;
  connection.discard_input = true;
  // Answered before its body was there: the connection closes behind that answer.
  if (request != nullptr && request->stage == Request::Stage::kEnded) return;
  if (request != nullptr && request->known_to_js) {
    const AbortReason why = status == 408   ? AbortReason::kTimeout
                            : status == 413 ? AbortReason::kBodyTooLarge
                                            : AbortReason::kBadBody;
    context_.small_event(EventType::kAborted, *request, static_cast<uint32_t>(why));
    request->known_to_js = false;
    context_.counters.in_flight.subtract();
    if (request->stage == Request::Stage::kResponding) return abort(connection, why);
  }
  if (request == nullptr) {
    request = &context_.acquire_request(connection);
    request->head_request = head_request;
    request->log.method = request->log.target = "-";
  }
  request->status = status;
  request->plan.keep_alive = false;
  request->want_done = false;
  append_refusal(connection.protocol, output_of(*request).tail(), *request, context_.clock.http_date(),
                 status == 503 ? context_.options.retry_after_seconds : 0);
  finish(*request);
}

void ResponseWriter::reject(Request& request) {
  context_.counters.rejected.add();
  context_.log_refusal(*request.connection, 503, "too many requests wait for the application");
  const bool goes_on = request.keep_alive && request.body_complete && !context_.draining;
  request.status = 503;
  request.plan.keep_alive = goes_on;
  append_refusal(request.connection->protocol, output_of(request).tail(), request, context_.clock.http_date(),
                 context_.options.retry_after_seconds);
  finish(request);
}

void ResponseWriter::send_continue(Request& request) {
  request.continue_owed = false;
  request.connection->output.tail() += "HTTP/1.1 100 Continue\r\n\r\n";
  context_.mark_dirty(*request.connection);
}

void ResponseWriter::flush(Connection& connection) {
  if (connection.closing || connection.output_blocked) return;
  uint64_t sent = 0;
  const net::IoState state = connection.output.flush(connection.fd.get(), sent);
  context_.counters.bytes_out.add(sent);
  connection.window_bytes += sent;
  if (state == net::IoState::kBroken || state == net::IoState::kEof) return abort(connection, AbortReason::kClient);
  connection.output_blocked = state == net::IoState::kBlocked;
  acknowledge(connection);
  if (!connection.output_blocked) output_drained(connection);
}

void ResponseWriter::acknowledge(Connection& connection) {
  Request* request = connection.requests.front;
  if (request == nullptr || request->unacknowledged < kHighWaterBytes) return;
  if (connection.output.size() > kLowWaterBytes) return;
  request->unacknowledged = 0;
  context_.small_event(EventType::kWritable, *request);
}

void ResponseWriter::output_drained(Connection& connection) {
  for (const auto& [slot, generation] : connection.done_waiting) {
    context_.events.append_small(EventType::kDone, slot, generation, 1);
  }
  connection.done_waiting.clear();
  if (!connection.close_after_output) {
    // A half-closed client has its answers: the reader ends the connection, or goes on with what was sent before.
    if (connection.peer_eof) context_.resumable.push_back(&connection);
    return;
  }
  const bool unread = connection.discard_input || connection.more_to_read || !connection.pending_input().empty();
  if (unread && !connection.peer_eof) {
    // Closing with unread bytes would reset the connection and destroy the answer on its way.
    if (connection.phase == Connection::Phase::kLingering) return;
    connection.discard_input = true;
    connection.phase = Connection::Phase::kLingering;
    context_.wheel.set(connection, context_.clock.now_ms() + context_.options.linger_timeout_ms);
    connection.more_to_read = true;
    net::shutdown_write(connection.fd.get());
    context_.resumable.push_back(&connection);
    return;
  }
  close(connection);
}

void ResponseWriter::abort(Connection& connection, AbortReason reason) {
  if (connection.closing) return;
  for (const auto& [slot, generation] : connection.done_waiting) {
    context_.events.append_small(EventType::kDone, slot, generation, 0);
  }
  connection.done_waiting.clear();
  const Request* front = connection.requests.front;
  const bool until_close = front != nullptr && front->stage == Request::Stage::kResponding &&
                           front->plan.framing == http1::Framing::kUntilClose;
  const bool rest_is_lost = connection.close_after_output && !connection.output.empty();
  // An orderly close would look like the whole answer; and behind a peer that does not read, the kernel would keep what
  // it holds.
  const bool reset = until_close || rest_is_lost || reason == AbortReason::kSendTimeout;
  if (reset) net::reset_on_close(connection.fd.get());
  give_up_requests(connection, reason);
  close(connection);
}

void ResponseWriter::close(Connection& connection) {
  if (connection.closing) return;
  connection.closing = true;
  connection.output.clear();
  context_.wheel.cancel(connection);
  context_.closed.push_back(&connection);
}

}  // namespace tsuwsgi::server
