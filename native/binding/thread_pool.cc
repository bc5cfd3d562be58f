#include "binding/thread_pool.h"

#include <pthread.h>
#include <csignal>

#include <string>

#include "base/check.h"
#include "server/record_resources.h"

namespace tsuwsgi::binding {

namespace {

/// Signals are the JavaScript thread's business.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

ThreadPool::ThreadPool(Napi::Env env, const server::ServerOptions& options, server::SharedState& shared,
                       Exchange& exchange)
    : env_(env), exchange_(exchange) {
  for (uint32_t i = 0; i < options.loops; ++i) {
    loops_.push_back(std::make_unique<Loop>(options, shared, i, *this));
  }
}

ThreadPool::~ThreadPool() {
  for (const std::unique_ptr<Loop>& loop : loops_) TSUWSGI_CHECK(!loop->thread.joinable());
}

void ThreadPool::start() {
  make_wake();
  for (size_t i = 0; i < loops_.size(); ++i) {
    Loop& loop = *loops_[i];
    loop.thread = std::thread([&loop, i] {
      block_signals();
      pthread_setname_np(pthread_self(), ("tsuwsgi-io-" + std::to_string(i)).c_str());
      loop.io.run();
    });
  }
}

/// Not before the start: it keeps the environment's event loop alive, and only stop() lets go of it.
void ThreadPool::make_wake() {
  const Napi::String name = Napi::String::New(env_, "tsuwsgi requests");
  TSUWSGI_CHECK(napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, call_js,
                                                &wake_) == napi_ok);
}

/// On the loop's own thread.
void ThreadPool::deliver(uint32_t loop, server::RecordQueue& events) {
  loops_[loop]->events.post(events.bytes().data(), events.bytes().size());
  events.clear();
  if (!scheduled_.exchange(true, std::memory_order_acq_rel)) {
    napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
  }
}

void ThreadPool::call_js(napi_env env, napi_value, void* context, void*) {
  if (env == nullptr) return;  // torn down: the records are given back by the destructors
  static_cast<ThreadPool*>(context)->take_events();
}

void ThreadPool::take_events() {
  scheduled_.store(false, std::memory_order_release);
  for (const std::unique_ptr<Loop>& loop : loops_) {
    taken_.clear();
    loop->events.take(taken_);
    exchange_.add(taken_.data(), taken_.size());
  }
  exchange_.dispatch();
}

void ThreadPool::forward(uint32_t loop, const uint8_t* operations, size_t size) {
  if (loop == server::kAllLoops) {
    for (const std::unique_ptr<Loop>& each : loops_) each->io.post(operations, size);
  } else if (loop < loops_.size()) {
    loops_[loop]->io.post(operations, size);
  }
}

void ThreadPool::command(uint32_t loop, server::IoLoop::Command command, uint32_t queue) {
  loops_[loop % loops_.size()]->io.command(command, queue);
}

void ThreadPool::stop(void (*done)(void*), void* argument) {
  for (const std::unique_ptr<Loop>& loop : loops_) loop->io.command(server::IoLoop::Command::kStop);
  for (const std::unique_ptr<Loop>& loop : loops_) {
    if (loop->thread.joinable()) loop->thread.join();
  }
  // What the loops said last; then nobody reads the mailboxes any more.
  for (const std::unique_ptr<Loop>& loop : loops_) {
    taken_.clear();
    loop->events.take(taken_);
    server::release_event_resources(taken_.data(), taken_.size());
  }
  if (wake_ != nullptr) napi_release_threadsafe_function(wake_, napi_tsfn_abort);
  wake_ = nullptr;
  done(argument);
}

}  // namespace tsuwsgi::binding
