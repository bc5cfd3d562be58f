#include "server/request.h"

#include <new>

#include "server/connection.h"

namespace tsuwsgi::server {

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

bool Request::is_front() const { return connection != nullptr && connection->requests.front == this; }

void Request::reset() {
  output.clear();
  connection = nullptr;
  next = nullptr;
  stage = Stage::kBody;
  head_request = safe_method = false;
  keep_alive = true;
  version_minor = 1;
  streamed = body_complete = continue_owed = false;
  body_bytes = body_credit = body_memory = 0;
  std::string().swap(body);
  spool.reset();
  record.reset();
  plan = {};
  status = 0;
  known_to_js = want_done = cut_after = false;
  fields = head_bytes = 0;
  declared = kUndeclared;
  sent_body = unacknowledged = 0;
  arrived_us = 0;
  log.clear();
}

}  // namespace tsuwsgi::server
