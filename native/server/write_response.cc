#include "server/write_response.h"

#include <cstring>
#include <string>

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
      return cut(*request.connection);
    case OpType::kReadBody:
      request.body_credit += word_at(record, kOpBodyLength);
      context_.mark_resumable(*request.connection);
      return;
    case OpType::kDeadline:
      return set_deadline(request, double_word(record, kOpDeclaredLow));
    case OpType::kDefineHead:
      return;
  }
}

void ResponseWriter::set_deadline(Request& request, uint64_t limit_us) {
  const bool limited = limit_us != kUndeclared;
  request.own_deadline_us = limited ? context_.clock.now_us() + static_cast<int64_t>(limit_us) : INT64_MAX;
  context_.board.set_deadline(request, limited ? request.own_deadline_us : 0);
}

OutputQueue& ResponseWriter::output_of(Request& request) {
  return request.is_front() ? request.connection->output : request.output;
}

bool ResponseWriter::begin(Request& request, const uint8_t* record, bool complete) {
  const uint32_t head_id = word_at(record, kOpHead);
  ResponseHead own;
  if (head_id == 0) own = inline_head(record);
  const ResponseHead* head = head_id == 0 ? &own : context_.heads.find(head_id);
  if (request.stage != Request::Stage::kRunning) {
    context_.counters.stale_writes.add();
    return false;
  }
  if (head == nullptr) {
    cut_unknown_head(request, head_id);
    return false;
  }
  const uint32_t flags = head->flags | word_at(record, kOpStatus) >> 16;
  http1::ResponseFacts facts;
  facts.status = head->status;
  facts.head_request = request.head_request;
  facts.version_minor = request.version_minor;
  facts.keep_alive =
      request.keep_alive && request.body_complete && (flags & kOpClose) == 0 && !context_.closes_connections();
  facts.has_date = (head->flags & kOpHasDate) != 0;
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
  request.declared = facts.length_known ? facts.length : kUndeclared;
  request.stage = Request::Stage::kResponding;
  std::string& out = output_of(request).tail();
  const size_t before = out.size();
  if (head_id != 0 && protocol == Protocol::http) {
    out += context_.heads.start_of(head_id, context_.clock);
    http1::append_head_end(out, facts, request.plan);
  } else {
    append_head(protocol, out, facts, request.plan, head->bytes, context_.clock.http_date());
  }
  request.head_bytes = static_cast<uint32_t>(out.size() - before);
  return true;
}

/// JavaScript takes the request for answered: nothing else would ever end it.
void ResponseWriter::cut_unknown_head(Request& request, uint32_t head_id) {
  context_.log(2, "an answer has the head number " + std::to_string(head_id) +
                      ", which nobody has defined; the connection is cut");
  cut(*request.connection);
}

/// What JavaScript wrote before may have come in the same batch: the client gets it as far as the socket takes it.
/// Where the client is gone already, the requests are after the first step.
void ResponseWriter::cut(Connection& connection) {
  sender_.flush(connection);
  sender_.abort(connection, AbortReason::kNone);
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

void ResponseWriter::open_chunk(Request& request, uint64_t size) {
  if (request.plan.framing != http1::Framing::kChunked) return;
  std::string& out = output_of(request).tail();
  const size_t before = out.size();
  http1::append_chunk_head(out, size);
  request.framing_bytes += out.size() - before;
}

void ResponseWriter::close_chunk(Request& request) {
  if (request.plan.framing == http1::Framing::kChunked) add_framing(request, "\r\n");
}

void ResponseWriter::add_framing(Request& request, std::string_view bytes) {
  output_of(request).tail() += bytes;
  request.framing_bytes += bytes.size();
}

void ResponseWriter::append_body(Request& request, std::string_view bytes) {
  request.unacknowledged += bytes.size();
  bytes = bytes.substr(0, admit(request, bytes.size()));
  if (bytes.empty()) return;
  open_chunk(request, bytes.size());
  output_of(request).tail() += bytes;
  close_chunk(request);
}

void ResponseWriter::append_lent(Request& request, LentBytes bytes) {
  request.unacknowledged += bytes.size;
  bytes.size = admit(request, bytes.size);
  if (bytes.size == 0) return context_.released(bytes.id);
  open_chunk(request, bytes.size);
  output_of(request).add_lent(bytes);
  close_chunk(request);
}

void ResponseWriter::append_file(Request& request, const uint8_t* record) {
  base::UniqueFd file(static_cast<int>(word_at(record, kOpHead)));
  const uint64_t offset = double_word(record, kOpData);
  const uint64_t size = admit(request, double_word(record, kOpDeclaredLow));
  if (size == 0) return;
  open_chunk(request, size);
  output_of(request).add_file(std::move(file), offset, size);
  close_chunk(request);
  request.sent_file = true;
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
    add_framing(request, http1::kLastChunk);
  }
  finish(request);
}

void ResponseWriter::finish(Request& request) {
  request.stage = Request::Stage::kEnded;
  context_.note_answer(request);
  if (request.is_front()) sender_.finish_front(*request.connection);
}

void ResponseWriter::refuse(Connection& connection, uint16_t status, const char* reason, std::string_view method,
                            std::string_view target) {
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
    if (request->stage == Request::Stage::kResponding) return sender_.abort(connection, why);
  }
  if (request == nullptr) {
    request = &context_.acquire_request(connection);
    request->head_request = method == "HEAD";
    if (context_.access_log.enabled()) {
      request->log.method = method.empty() ? "-" : method;
      request->log.target = target.empty() ? "-" : target;
    }
  }
  request->plan.keep_alive = false;
  finish_refused(*request, status);
}

void ResponseWriter::reject(Request& request) {
  context_.counters.rejected.add();
  context_.log_refusal(*request.connection, 503, "too many requests wait for the application");
  answer_instead(request, 503);
}

void ResponseWriter::answer_instead(Request& request, uint16_t status) {
  request.plan.keep_alive = request.keep_alive && request.body_complete && !context_.closes_connections();
  finish_refused(request, status);
}

void ResponseWriter::finish_refused(Request& request, uint16_t status) {
  request.status = status;
  const http1::RefusalSize size =
      append_refusal(request.connection->protocol, output_of(request).tail(), request, context_.clock.http_date(),
                     status == 503 ? context_.options.retry_after_seconds : 0);
  request.fields = size.fields;
  request.head_bytes = size.head_bytes;
  request.sent_body = size.body_bytes;
  finish(request);
}

}  // namespace tsuwsgi::server
