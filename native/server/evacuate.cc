#include "server/evacuate.h"

#include <atomic>
#include <vector>

namespace tsuwsgi::server {

namespace {
/// How late a loop with connections may notice the order. One without has nothing to answer, and asks before it
/// accepts.
constexpr int kLookMs = 100;
}  // namespace

int Evacuation::order() const {
  if (context_.options.on_js_thread || !context_.options.board.valid()) return kNone;
  const std::atomic<double>& cell = context_.options.board.header().cells[base::WorkerHeader::kCondemned];
  return static_cast<int>(cell.load(std::memory_order_relaxed));
}

int Evacuation::look_in_ms() const {
  const bool orders = !context_.options.on_js_thread && context_.options.board.valid();
  return orders && !context_.evacuating && context_.connections.live() > 0 ? kLookMs : -1;
}

int Evacuation::taker() const { return order() > kNoTaker ? order() : -1; }

void Evacuation::answer_all() {
  context_.evacuating = true;
  running_ = running_number();
  context_.connections.for_each_live([&](Connection& connection) {
    if (!connection.closing) answer_line(connection);
  });
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
  const int64_t limit_us = context_.options.deadline_ms * 1000;
  const auto& progress = context_.shared.progress;
  const int64_t begun_us = context_.index < progress.size() ? progress[context_.index]->begun_us(request.slot) : 0;
  return limit_us > 0 && context_.clock.now_us() - (begun_us > 0 ? begun_us : request.arrived_us) >= limit_us;
}

}  // namespace tsuwsgi::server
