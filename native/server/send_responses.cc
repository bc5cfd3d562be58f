#include "server/send_responses.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "net/socket_io.h"

namespace tsuwsgi::server {

namespace {
/// Answers of a connection that are kept until they are sent: a client may ask much and read nothing.
constexpr uint32_t kMostFinished = 64;

/// The last `unsent` bytes of `request`'s answer did not go out. Returns how many are left for those before it. Where
/// the body is in chunks, which of those bytes are framing is not known any more: they are taken for the body's first.
uint64_t take_back(Request& request, uint64_t unsent) {
  const uint64_t of_body = std::min(unsent, request.sent_body);
  request.sent_body -= of_body;
  unsent -= of_body;
  return unsent - std::min(unsent, request.framing_bytes + request.head_bytes);
}
}  // namespace

void ResponseSender::finish_front(Connection& connection) {
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
  if (connection.has_unread()) context_.mark_resumable(connection);
}

void ResponseSender::release_front(Connection& connection) {
  Request& request = *connection.requests.front;
  if (connection.reading == &request) {  // answered before its body was there: what comes is not looked at
    connection.reading = nullptr;
    connection.discard_input = true;
  }
  const uint32_t kind = request.status / 100U;
  if (kind >= 1 && kind <= context_.counters.answers.size()) context_.counters.answers[kind - 1].add();
  context_.pop_request(connection);
  if (!context_.measures()) return context_.free_request(request);
  if (connection.finished.count >= kMostFinished) conclude_oldest(connection, context_.clock.now_us());
  connection.finished.push(&request);
}

void ResponseSender::conclude_oldest(Connection& connection, int64_t now_us) {
  Request& request = *connection.finished.front;
  connection.finished.pop();
  context_.conclude(request, now_us);
}

void ResponseSender::conclude_finished(Connection& connection) {
  if (connection.finished.front == nullptr) return;
  const int64_t now_us = base::monotonic_us();
  while (connection.finished.front != nullptr) conclude_oldest(connection, now_us);
}

/// What of the output the peer did not get is the last of its answers: first that of the request which still answers,
/// then, backwards, those of the finished ones.
void ResponseSender::note_unsent(Connection& connection, AbortReason reason) {
  uint64_t unsent = connection.output.size();
  if (Request* answering = connection.requests.front) unsent = take_back(*answering, unsent);
  std::array<Request*, kMostFinished> finished;
  size_t count = 0;
  for (Request* request = connection.finished.front; request != nullptr; request = request->next) {
    finished[count++] = request;
  }
  while (unsent > 0 && count > 0) {
    Request& request = *finished[--count];
    request.given_up = true;
    request.given_up_for = reason;
    unsent = take_back(request, unsent);
  }
}

void ResponseSender::give_up_requests(Connection& connection, AbortReason reason) {
  const int64_t now_us = context_.access_log.enabled() ? base::monotonic_us() : 0;
  while (connection.requests.front != nullptr) {
    Request& request = *connection.requests.front;
    if (request.known_to_js && request.stage != Request::Stage::kEnded) {
      context_.small_event(EventType::kAborted, request, static_cast<uint32_t>(reason));
      context_.counters.aborted.add();
      context_.note_answer(request);
    }
    request.given_up = true;
    request.given_up_for = reason;
    take_back(request, request.output.size());
    if (context_.access_log.enabled()) context_.log_request(request, now_us);
    context_.pop_request(connection);
    context_.free_request(request);
  }
  if (connection.reading != nullptr) connection.discard_input = true;
  connection.reading = nullptr;
}

void ResponseSender::send_continue(Request& request) {
  request.continue_owed = false;
  request.connection->output.tail() += "HTTP/1.1 100 Continue\r\n\r\n";
  context_.mark_dirty(*request.connection);
}

void ResponseSender::flush(Connection& connection) {
  if (connection.closing || connection.output_blocked) return;
  uint64_t sent = 0;
  const net::IoState state = connection.output.flush(connection.fd.get(), sent);
  context_.counters.bytes_out.add(sent);
  connection.window_bytes += sent;
  if (state == net::IoState::kBroken) return abort(connection, AbortReason::kClient);
  if (state == net::IoState::kEof) {
    context_.log(1, "a file became shorter while it was sent; the connection is cut");
    return abort(connection, AbortReason::kNone);
  }
  connection.output_blocked = state == net::IoState::kBlocked;
  acknowledge(connection);
  if (!connection.output_blocked) output_drained(connection);
}

void ResponseSender::acknowledge(Connection& connection) {
  Request* request = connection.requests.front;
  if (request == nullptr || request->unacknowledged < kHighWaterBytes) return;
  if (connection.output.size() > kLowWaterBytes) return;
  request->unacknowledged = 0;
  context_.small_event(EventType::kWritable, *request);
}

void ResponseSender::output_drained(Connection& connection) {
  conclude_finished(connection);
  if (!connection.close_after_output) {
    // Nothing was begun while the client did not read. A half-closed one has its answers now: the reader ends the
    // connection, or goes on with what was sent before.
    if (connection.has_unread()) context_.mark_resumable(connection);
    return;
  }
  const bool unread = connection.discard_input || connection.has_unread();
  if (unread && !connection.peer_eof) {
    // Closing with unread bytes would reset the connection and destroy the answer on its way.
    if (connection.phase == Connection::Phase::kLingering) return;
    connection.discard_input = true;
    connection.phase = Connection::Phase::kLingering;
    context_.wheel.set(connection, context_.clock.now_ms() + context_.options.linger_timeout_ms);
    connection.more_to_read = true;
    net::shutdown_write(connection.fd.get());
    context_.mark_resumable(connection);
    return;
  }
  close(connection);
}

void ResponseSender::abort(Connection& connection, AbortReason reason) {
  if (connection.closing) return;
  const Request* front = connection.requests.front;
  const bool until_close = front != nullptr && front->stage == Request::Stage::kResponding &&
                           front->plan.framing == http1::Framing::kUntilClose;
  const bool rest_is_lost = connection.close_after_output && !connection.output.empty();
  // An orderly close would look like the whole answer; and behind a peer that does not read, the kernel would keep what
  // it holds.
  const bool reset = until_close || rest_is_lost || reason == AbortReason::kSendTimeout;
  if (reset) net::reset_on_close(connection.fd.get());
  if (!connection.output.empty()) note_unsent(connection, reason);
  give_up_requests(connection, reason);
  close(connection);
}

void ResponseSender::close(Connection& connection) {
  if (connection.closing) return;
  connection.closing = true;
  conclude_finished(connection);
  connection.output.clear();
  context_.wheel.cancel(connection);
  context_.closed.push_back(&connection);
}

}  // namespace tsuwsgi::server
