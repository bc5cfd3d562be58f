#include "server/evacuate.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <vector>

#include "base/process_barrier.h"
#include "server/kept_connection.h"

namespace tsuwsgi::server {

namespace {
/// How late a loop with connections may notice the order. One without has nothing to answer, and asks before it
/// accepts.
constexpr int kLookMs = 100;
/// How long requests wait for room in their taker's channel. The worker lives half a second after the order, of which
/// the look may take a part.
constexpr int64_t kTakerMs = 250;
}  // namespace

int Evacuation::order() const {
  if (context_.options.on_js_thread || !context_.options.board.valid()) return kNone;
  const std::atomic<double>& cell = context_.options.board.header().cells[base::WorkerHeader::kCondemned];
  return static_cast<int>(cell.load(std::memory_order_relaxed));
}

int Evacuation::look_in_ms() const {
  if (give_up_ms_ > 0) return static_cast<int>(std::max<int64_t>(0, give_up_ms_ - context_.clock.now_ms()));
  const bool orders = !context_.options.on_js_thread && context_.options.board.valid();
  return orders && !context_.evacuating && context_.connections.live() > 0 ? kLookMs : -1;
}

int Evacuation::taker() const { return std::abs(order()) > kNoTaker ? std::abs(order()) : -1; }

void Evacuation::obey() {
  context_.evacuating = true;
  // JavaScript writes which request it begins, then looks at the order. Its processor may do these two the other way
  // round; behind the barrier either its entry is seen here, or it sees the order.
  base::process_barrier();
  running_ = running_number();
  context_.holds_input = has_ready_taker();
  if (context_.holds_input) give_up_ms_ = context_.clock.now_ms() + kTakerMs;
  context_.connections.for_each_live([&](Connection& connection) {
    if (connection.closing) return;
    take_back(connection);
    answer_line(connection);
    // Also where nothing has come: what this turn's events tell of is not to be read here.
    connection.held = context_.holds_input && can_go(connection);
  });
}

void Evacuation::tick() {
  if (give_up_ms_ == 0 || context_.clock.now_ms() < give_up_ms_) return;
  give_up_ms_ = 0;
  context_.holds_input = false;
  context_.connections.for_each_live([&](Connection& connection) { context_.read_on(connection); });
}

/// The requests at the end of the line: what stands before them is answered here, then the connection goes.
void Evacuation::take_back(Connection& connection) {
  if (!context_.holds_input || !can_go(connection)) return;
  Request* first = nullptr;
  size_t bytes = connection.pending_input().size();
  for (Request* request = connection.requests.front; request != nullptr; request = request->next) {
    if (!can_be_unread(*request)) {
      first = nullptr;
      bytes = connection.pending_input().size();
      continue;
    }
    if (first == nullptr) first = request;
    bytes += request->wire.size();
  }
  if (first == nullptr || bytes > kMostKeptInput) return;
  context_.unread_requests(connection, *first);
}

/// A lingering connection reads on to its end.
bool Evacuation::can_go(const Connection& connection) {
  return !connection.closing && !connection.close_after_output && !connection.discard_input && !connection.peer_eof;
}

bool Evacuation::can_be_unread(const Request& request) const {
  const bool unanswered = request.stage == Request::Stage::kBody || request.stage == Request::Stage::kRunning;
  return unanswered && request.has_wire && request.output.empty() && !is_begun(request);
}

/// The last request first: the front one's answer sends what stands behind it, and may end the connection.
void Evacuation::answer_line(Connection& connection) {
  std::vector<Request*> line;
  for (Request* request = connection.requests.front; request != nullptr; request = request->next) {
    if (request->stage == Request::Stage::kResponding) return writer_.abort(connection, AbortReason::kDeadline);
    if (request->stage != Request::Stage::kEnded) line.push_back(request);
  }
  for (auto request = line.rbegin(); request != line.rend(); ++request) {
    writer_.answer_instead(**request, status_for(**request));
  }
}

uint16_t Evacuation::status_for(const Request& request) const {
  if (!is_begun(request)) return 503;
  return is_overdue(request) ? 504 : 502;
}

bool Evacuation::is_begun(const Request& request) const {
  if (request.sequence == 0) return false;
  if (request.sequence > context_.options.board.loop(context_.index).taken.sequence.get()) return false;
  const auto& begun = context_.shared.begun;
  if (running_ == 0 || context_.index >= begun.size()) return true;
  return begun[context_.index]->number(request.slot) <= running_;
}

/// JavaScript is blocked, so what it wrote before it began stands still.
uint64_t Evacuation::running_number() const {
  const auto& cells = context_.options.board.header().cells;
  if (cells[base::WorkerHeader::kCallLength].load(std::memory_order_relaxed) <= 0) return 0;
  const auto handle = static_cast<uint32_t>(cells[base::WorkerHeader::kCallHandle].load(std::memory_order_relaxed));
  const auto& begun = context_.shared.begun;
  const uint32_t loop = handle >> kLoopShift;
  return loop < begun.size() ? begun[loop]->number(handle & kSlotMask) : 0;
}

bool Evacuation::is_overdue(const Request& request) const {
  if (request.own_deadline_us > 0) return context_.clock.now_us() >= request.own_deadline_us;
  const int64_t limit_us = context_.options.deadline_ms * 1000;
  const auto& progress = context_.shared.progress;
  const int64_t begun_us = context_.index < progress.size() ? progress[context_.index]->begun_us(request.slot) : 0;
  return limit_us > 0 && context_.clock.now_us() - (begun_us > 0 ? begun_us : request.arrived_us) >= limit_us;
}

}  // namespace tsuwsgi::server
