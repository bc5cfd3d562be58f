#pragma once

#include <uv.h>

#include "binding/exchange.h"
#include "binding/runner.h"

namespace tsuwsgi::binding {

/// Loop mode: one I/O loop on the JavaScript thread. libuv waits for its poller and its next timer.
class LoopRunner final : public Runner, public server::RequestSink {
 public:
  LoopRunner(uv_loop_t* loop, const server::ServerOptions& options, server::SharedState& shared, Exchange& exchange);
  ~LoopRunner() override;
  LoopRunner(const LoopRunner&) = delete;
  LoopRunner& operator=(const LoopRunner&) = delete;

  void start() override;
  void forward(uint32_t loop, const uint8_t* operations, size_t size) override;
  void command(uint32_t loop, server::IoLoop::Command command, uint32_t queue) override;
  void stop(void (*done)(void*), void* argument) override;
  const server::Counters& counters() const { return io_.counters(); }

 private:
  /// libuv's part, which may live longer than the runner: until its handles have closed.
  struct Handles {
    uv_poll_t poll;
    uv_timer_t timer;
    LoopRunner* owner = nullptr;
    int open = 2;
    void (*done)(void*) = nullptr;
    void* argument = nullptr;
  };

  void deliver(uint32_t loop, server::RecordQueue& events) override;
  void work();
  void arm_timer();
  static void on_closed(uv_handle_t* handle);

  uv_loop_t* uv_;
  Exchange& exchange_;
  server::IoLoop io_;
  Handles* handles_ = nullptr;
  bool working_ = false;  ///< inside a turn
  uint64_t timer_due_ms_ = 0;
  std::vector<uint8_t> delivering_;
};

}  // namespace tsuwsgi::binding
