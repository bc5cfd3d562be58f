#include "binding/loop_runner.h"

#include <utility>

#include "base/check.h"

namespace tsuwsgi::binding {

LoopRunner::LoopRunner(uv_loop_t* loop, const server::ServerOptions& options, server::SharedState& shared,
                       Exchange& exchange)
    : uv_(loop), exchange_(exchange), io_(options, shared, 0, *this) {}

LoopRunner::~LoopRunner() { TSUWSGI_CHECK(handles_ == nullptr); }

void LoopRunner::start() {
  handles_ = new Handles;
  handles_->owner = this;
  // libuv finds its watcher by the descriptor in an event's data: what has the poller's there ends in `work`.
  io_.nest_in(uv_backend_fd(uv_));
  io_.start();
  TSUWSGI_CHECK(uv_poll_init(uv_, &handles_->poll, io_.poll_fd()) == 0);
  TSUWSGI_CHECK(uv_timer_init(uv_, &handles_->timer) == 0);
  handles_->poll.data = handles_->timer.data = handles_;
  uv_poll_start(&handles_->poll, UV_READABLE, [](uv_poll_t* poll, int, int) {
    if (LoopRunner* owner = static_cast<Handles*>(poll->data)->owner) owner->work();
  });
  arm_timer();
}

void LoopRunner::work() {
  working_ = true;
  io_.turn(0);
  working_ = false;
  if (handles_ != nullptr) arm_timer();
}

/// A timer that is set already and fires too early costs one idle turn; setting it anew each turn would cost more.
void LoopRunner::arm_timer() {
  const int timeout = io_.next_timeout_ms();
  if (timeout < 0) {
    uv_timer_stop(&handles_->timer);
    return;
  }
  const uint64_t due_ms = uv_now(uv_) + static_cast<uint64_t>(timeout);
  const bool set = uv_is_active(reinterpret_cast<uv_handle_t*>(&handles_->timer)) != 0;
  if (set && timer_due_ms_ <= due_ms) return;
  timer_due_ms_ = due_ms;
  uv_timer_start(
      &handles_->timer,
      [](uv_timer_t* timer) {
        if (LoopRunner* owner = static_cast<Handles*>(timer->data)->owner) owner->work();
      },
      static_cast<uint64_t>(timeout), 0);
}

void LoopRunner::deliver(uint32_t, server::RecordQueue& events) {
  // Events that JavaScript's operations cause land in the emptied queue.
  std::vector<uint8_t> bytes = std::move(delivering_);
  bytes.clear();
  events.swap_into(bytes);
  exchange_.add(bytes.data(), bytes.size());
  exchange_.dispatch();
  delivering_ = std::move(bytes);
}

void LoopRunner::forward(uint32_t, const uint8_t* operations, size_t size) {
  io_.apply(operations, size);
  // Inside a turn there is always something left to do; the turn's end knows what remains.
  if (handles_ != nullptr && !working_) arm_timer();
}

void LoopRunner::command(uint32_t, server::IoLoop::Command command, uint32_t queue) { io_.command(command, queue); }

void LoopRunner::on_closed(uv_handle_t* handle) {
  auto* handles = static_cast<Handles*>(handle->data);
  if (--handles->open > 0) return;
  if (handles->done != nullptr) handles->done(handles->argument);
  delete handles;
}

void LoopRunner::stop(void (*done)(void*), void* argument) {
  io_.shut_down();
  Handles* handles = std::exchange(handles_, nullptr);
  if (handles == nullptr) return done(argument);
  handles->owner = nullptr;
  handles->done = done;
  handles->argument = argument;
  uv_poll_stop(&handles->poll);
  uv_timer_stop(&handles->timer);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles->poll), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles->timer), on_closed);
}

}  // namespace tsuwsgi::binding
