#include "server/connection.h"

#include "server/request.h"

namespace tsuwsgi::server {

void RequestLine::push(Request* request) {
  request->next = nullptr;
  (back == nullptr ? front : back->next) = request;
  back = request;
  ++count;
}

void RequestLine::pop() {
  front = front->next;
  if (front == nullptr) back = nullptr;
  --count;
}

void RequestLine::cut(const Request& first) {
  Request* last = nullptr;
  count = 0;
  for (Request* request = front; request != &first; request = request->next) {
    last = request;
    ++count;
  }
  if (last == nullptr) front = nullptr;
  if (last != nullptr) last->next = nullptr;
  back = last;
}

void Connection::reset() {
  fd.reset();
  listener = 0;
  protocol = Protocol::http;
  phase = Phase::kIdle;
  announced = more_to_read = fin_arrived = peer_eof = output_blocked = false;
  close_after_output = dirty = resumable = closing = discard_input = held = false;
  std::string().swap(input);
  input_start = 0;
  output.clear();
  requests = {};
  finished = {};
  reading = nullptr;
  partial.reset();
  head_cache_hint = -1;
  window_end_ms = 0;
  window_bytes = window_unacknowledged = 0;
}

}  // namespace tsuwsgi::server
