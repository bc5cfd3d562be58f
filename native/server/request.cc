#include "server/request.h"

#include <algorithm>
#include <new>

#include "server/connection.h"

namespace tsuwsgi::server {

namespace {
/// Room that is kept for the next request: that of an ordinary head.
constexpr size_t kWireReserve = 1024;
}  // namespace

void RequestLogFacts::clear() {
  method.clear();
  target.clear();
  vars = vars_bytes = 0;
  has_remote = false;
  remote.clear();
  remote_port.clear();
  user.clear();
  protocol.clear();
  fields.clear();
}

void Request::begin_wire(std::string_view head) {
  has_wire = true;
  add_to_wire(head);
}

void Request::add_to_wire(std::string_view bytes) {
  if (!has_wire) return;
  has_wire = wire.size() + bytes.size() <= kMostWire;
  if (!has_wire) return std::string().swap(wire);  // --body-memory does not count it
  wire += bytes;
}

bool Request::is_front() const { return connection != nullptr && connection->requests.front == this; }

RequestTimes Request::times(int64_t now_us) const {
  const auto span = [](int64_t from_us, int64_t to_us) { return std::max<int64_t>(0, to_us - from_us); };
  const int64_t handed_over = handed_over_us == 0 ? now_us : handed_over_us;
  const int64_t answered = answered_us == 0 ? now_us : answered_us;
  // What stands in the slot's place may be the request's before it, where JavaScript never saw this one.
  const int64_t begun = begun_us < handed_over ? answered : begun_us;
  RequestTimes times;
  times.kernel_us = kernel_us;
  times.body_us = span(arrived_us, handed_over);
  times.waiting_us = span(handed_over, begun);
  times.javascript_us = span(begun, answered);
  times.writing_us = span(answered, now_us);
  return times;
}

void Request::reset() {
  output.clear();
  connection = nullptr;
  next = nullptr;
  stage = Stage::kBody;
  head_request = safe_method = false;
  keep_alive = true;
  version_minor = 1;
  streamed = body_complete = continue_owed = given_up = sent_file = false;
  given_up_for = AbortReason::kNone;
  body_bytes = body_credit = body_memory = 0;
  std::string().swap(body);
  spool.reset();
  record.reset();
  plan = {};
  status = 0;
  known_to_js = cut_after = false;
  fields = head_bytes = 0;
  declared = kUndeclared;
  sent_body = framing_bytes = unacknowledged = 0;
  arrived_us = handed_over_us = begun_us = answered_us = 0;
  kernel_us = -1;
  sequence = 0;
  board_entry = kNoEntry;
  untabled = false;
  if (wire.capacity() > kWireReserve) std::string().swap(wire);
  wire.clear();
  has_wire = false;
  own_deadline_us = 0;
  log.clear();
}

}  // namespace tsuwsgi::server
