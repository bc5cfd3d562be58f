#include "server/loop_context.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace tsuwsgi::server {

namespace {
constexpr uint32_t kRefusalsPerSecond = 10;

/// A loop that comes back sooner has let nobody wait for long. The kernel's answer is no more exact than its timer.
constexpr int64_t kLateUs = 4000;
/// The kernel is asked about so many requests of a late turn: hundreds may have gathered.
constexpr uint32_t kKernelQuestions = 16;

uint32_t templates_per_loop(const ServerOptions& options) {
  return std::max(1u, std::min(kTemplatesPerLoop, (kMaxTemplates - 1) / std::max(1u, options.loops)));
}
}  // namespace

LoopContext::LoopContext(const ServerOptions& server_options, SharedState& shared_state, uint32_t loop_index)
    : options(server_options),
      shared(shared_state),
      index(loop_index),
      wheel(clock.now_ms()),
      board(server_options.board.valid() ? &server_options.board.loop(loop_index) : nullptr),
      counters(board.counters()),
      access_log(server_options, loop_index),
      head_cache(loop_index * templates_per_loop(server_options) + 1, templates_per_loop(server_options)),
      measures_(server_options.measures()),
      keeps_wire_(!server_options.on_js_thread && server_options.board.valid() && server_options.deadline_ms > 0),
      progress_(loop_index < shared_state.progress.size() ? shared_state.progress[loop_index].get() : nullptr) {}

void LoopContext::log(uint32_t level, std::string_view text, std::string_view reason, uint16_t status) {
  uint8_t* record = events.append(EventType::kLog, kLogWords * kWordBytes + text.size() + reason.size());
  RecordQueue::put(record, 1, level);
  RecordQueue::put(record, 2, static_cast<uint32_t>(text.size()));
  RecordQueue::put(record, 3, static_cast<uint32_t>(reason.size()));
  RecordQueue::put(record, 4, status);
  // JavaScript may be blocked and write the record much later.
  const auto now_ms = static_cast<uint64_t>(base::wall_us() / 1000);
  RecordQueue::put(record, 5, static_cast<uint32_t>(now_ms));
  RecordQueue::put(record, 6, static_cast<uint32_t>(now_ms >> 32));
  uint8_t* const texts = record + kLogWords * kWordBytes;
  std::memcpy(texts, text.data(), text.size());
  if (!reason.empty()) std::memcpy(texts + text.size(), reason.data(), reason.size());
}

void LoopContext::log_refusal(const Connection& connection, uint16_t status, std::string_view reason) {
  log_rarely("refused with " + std::to_string(status) + " (" + std::string(reason) + ")", reason, status, connection);
}

void LoopContext::log_cut(const Connection& connection, std::string_view reason) {
  log_rarely("answer cut (" + std::string(reason) + ")", {}, 0, connection);
}

void LoopContext::log_dropped_packet(const Connection& connection, std::string_view reason) {
  log_rarely("uwsgi packet refused (" + std::string(reason) + "), connection closed", reason, 0, connection);
}

void LoopContext::log_rarely(std::string text, std::string_view reason, uint16_t status, const Connection& connection) {
  if (refusals_second != clock.wall_seconds()) {
    refusals_second = clock.wall_seconds();
    refusals_logged = 0;
  }
  if (refusals_logged++ >= kRefusalsPerSecond) {
    ++refusals_suppressed;
    return;
  }
  const net::PeerName& peer = connection.peer;
  text += ", peer ";
  text += peer.host[0] == '\0' ? "on a UNIX socket" : peer.host + (":" + std::to_string(peer.port));
  if (refusals_suppressed > 0) text += "; " + std::to_string(refusals_suppressed) + " more were not logged";
  refusals_suppressed = 0;
  log(1, text, reason, status);
}

void LoopContext::released(uint32_t id) { events.append_small(EventType::kReleased, id, 0); }

Connection& LoopContext::acquire_connection(base::UniqueFd fd, const net::PeerName& peer, uint32_t listener,
                                            Protocol protocol) {
  Connection& connection = connections.acquire();
  connection.fd = std::move(fd);
  connection.output.set_owner(this);
  connection.peer = peer;
  connection.listener = listener;
  connection.protocol = protocol;
  counters.connections.add();
  return connection;
}

Request& LoopContext::acquire_request(Connection& connection) {
  Request& request = requests.acquire();
  request.connection = &connection;
  request.arrived_us = clock.now_us();
  if (measures_) request.kernel_us = kernel_time(connection);
  request.output.set_owner(this);
  if (connection.requests.front == nullptr) ++busy_;
  connection.requests.push(&request);
  tell_idle();
  return request;
}

void LoopContext::pop_request(Connection& connection) {
  connection.requests.pop();
  if (connection.requests.front == nullptr) --busy_;
  tell_idle();
}

void LoopContext::unread_requests(Connection& connection, Request& first) {
  std::string input;
  for (const Request* request = &first; request != nullptr; request = request->next) input += request->wire;
  input += connection.pending_input();
  connection.input = std::move(input);
  connection.input_start = 0;
  connection.partial.reset();
  connection.reading = nullptr;  // only the last one's body may be on its way
  connection.requests.cut(first);
  if (connection.requests.front == nullptr) --busy_;
  tell_idle();
  for (Request* request = &first; request != nullptr;) free_request(*std::exchange(request, request->next));
}

void LoopContext::begin_turn() {
  counters.last_turn_us.set(static_cast<uint64_t>(clock.now_us()));
  came_late_ = clock.now_us() - last_turn_us_ >= kLateUs;
  kernel_questions_ = kKernelQuestions;
  last_turn_us_ = clock.now_us();
}

/// Below the threshold it counts as none.
int64_t LoopContext::kernel_time(const Connection& connection) {
  if (!came_late_) return 0;
  if (kernel_questions_ == 0) return -1;
  --kernel_questions_;
  return net::unread_for_us(connection.fd.get());
}

void LoopContext::hand_over(Request& request) {
  request.known_to_js = true;
  counters.in_flight.add();
  shared.add_pending();
  if (!measures_) return;
  request.handed_over_us = clock.now_us();
  const int64_t limit_us = options.deadline_ms * 1000;
  board.hand_over(request, limit_us == 0 ? 0 : clock.now_us() + limit_us);
}

void LoopContext::note_answer(Request& request) {
  if (request.known_to_js) counters.in_flight.subtract();
  request.known_to_js = false;
  if (!measures_) return;
  request.answered_us = std::max(operations_us, clock.now_us());
  if (progress_ != nullptr) request.begun_us = progress_->begun_us(request.slot);
  board.answered(request);
}

void LoopContext::conclude(Request& request, int64_t now_us) {
  board.count(request, now_us);
  if (access_log.enabled()) log_request(request, now_us);
  free_request(request);
}

void LoopContext::log_request(const Request& request, int64_t now_us) {
  // Nothing is known of a request whose head was not read, and that was not refused for it.
  if (request.log.method.empty()) return;
  const uint64_t number = shared.numbers.next(shared.one_thread);
  access_log.add(*request.connection, request, {now_us, clock.wall_seconds(), number, shared.numbers.others()});
}

std::unique_ptr<HeldBody> LoopContext::hold_body(Request& request) {
  return std::make_unique<HeldBody>(std::move(request.body), std::exchange(request.body_memory, 0), shared.body_memory);
}

void LoopContext::forget_body_memory(Request& request) {
  if (request.body_memory == 0) return;
  shared.body_memory.fetch_sub(request.body_memory, std::memory_order_relaxed);
  request.body_memory = 0;
}

void LoopContext::free_request(Request& request) {
  forget_body_memory(request);
  if (request.known_to_js) counters.in_flight.subtract();
  board.leave(request);
  requests.release(request);
}

}  // namespace tsuwsgi::server
