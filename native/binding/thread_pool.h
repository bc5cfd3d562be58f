#pragma once

#include <napi.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/mailbox.h"
#include "binding/exchange.h"
#include "binding/runner.h"

namespace tsuwsgi::binding {

/// Pool mode: a native thread for each I/O loop. Events reach JavaScript through a threadsafe function with one wake-up
/// a batch, none while JavaScript has not taken the last; operations go back through each loop's mailbox.
class ThreadPool final : public Runner, public server::RequestSink {
 public:
  ThreadPool(Napi::Env env, const server::ServerOptions& options, server::SharedState& shared, Exchange& exchange);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void start() override;
  void forward(uint32_t loop, const uint8_t* operations, size_t size) override;
  void command(uint32_t loop, server::IoLoop::Command command, uint32_t queue) override;
  /// Joins the threads, so that none of them can use the threadsafe function any more, then lets go of it.
  void stop(void (*done)(void*), void* argument) override;
  const server::Counters& counters(size_t loop) const { return loops_[loop]->io.counters(); }
  size_t size() const { return loops_.size(); }

 private:
  struct Loop {
    Loop(const server::ServerOptions& options, server::SharedState& shared, uint32_t index, server::RequestSink& sink)
        : io(options, shared, index, sink) {}
    server::IoLoop io;
    base::Mailbox events;
    std::thread thread;
  };

  void deliver(uint32_t loop, server::RecordQueue& events) override;
  void retract(uint32_t loop, std::vector<uint8_t>& out) override { loops_[loop]->events.take(out); }
  void make_wake();
  void take_events();
  static void call_js(napi_env env, napi_value callback, void* context, void* data);

  Napi::Env env_;
  Exchange& exchange_;
  std::vector<std::unique_ptr<Loop>> loops_;
  napi_threadsafe_function wake_ = nullptr;
  std::atomic<bool> scheduled_{false};
  std::vector<uint8_t> taken_;
};

}  // namespace tsuwsgi::binding
