#include "binding/js_core.h"

#include <utility>

#include "binding/core_options.h"

namespace tsuwsgi::binding {

Napi::Function JsCore::define(Napi::Env env) {
  return DefineClass(env, "Core",
                     {
                         InstanceAccessor<&JsCore::JS_Inbox>("inbox"),
                         InstanceAccessor<&JsCore::JS_Outbox>("outbox"),
                         InstanceMethod<&JsCore::JS_Start>("start"),
                         InstanceMethod<&JsCore::JS_Flush>("flush"),
                         InstanceMethod<&JsCore::JS_BeginLater>("beginLater"),
                         InstanceMethod<&JsCore::JS_Retain>("retain"),
                         InstanceMethod<&JsCore::JS_TakeBody>("takeBody"),
                         InstanceMethod<&JsCore::JS_AdoptQueue>("adoptQueue"),
                         InstanceMethod<&JsCore::JS_ReleaseQueue>("releaseQueue"),
                         InstanceMethod<&JsCore::JS_HoldQueues>("holdQueues"),
                         InstanceMethod<&JsCore::JS_Drain>("drain"),
                         InstanceMethod<&JsCore::JS_Stop>("stop"),
                         InstanceMethod<&JsCore::JS_Counters>("counters"),
                     });
}

JsCore::JsCore(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsCore>(info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 2 || !info[0].IsObject() || !info[1].IsObject()) {
    Napi::TypeError::New(env, "Core takes an options object and a callbacks object").ThrowAsJavaScriptException();
    return;
  }
  options_ = read_options(info[0].As<Napi::Object>());
  if (env.IsExceptionPending()) return;
  shared_.one_thread = options_.on_js_thread;
  keep_board(info[0].As<Napi::Object>());
  exchange_ = std::make_unique<Exchange>(
      env, info[1].As<Napi::Object>(), shared_, options_.loops,
      [this](uint32_t loop, const uint8_t* operations, size_t size) { runner_->forward(loop, operations, size); });
  if (options_.on_js_thread) {
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(env, &loop);
    loop_runner_ = std::make_unique<LoopRunner>(loop, options_, shared_, *exchange_);
    runner_ = loop_runner_.get();
  } else {
    pool_ = std::make_unique<ThreadPool>(env, options_, shared_, *exchange_);
    runner_ = pool_.get();
  }
}

JsCore::~JsCore() = default;

/// The loops write to the memory until they have ended, and JavaScript must not lose it before.
void JsCore::keep_board(const Napi::Object& options) {
  if (!options_.measures()) return;
  if (options_.board.valid()) board_ = Napi::Persistent(options.Get("scoreboard").As<Napi::Object>());
  shared_.measure(options_.board, options_.loops);
}

Napi::Value JsCore::JS_Inbox(const Napi::CallbackInfo& /*info*/) { return exchange_->inbox(); }

Napi::Value JsCore::JS_Outbox(const Napi::CallbackInfo& /*info*/) { return exchange_->outbox(); }

void JsCore::JS_Start(const Napi::CallbackInfo& info) {
  if (state_ != State::kNew) {
    Napi::Error::New(info.Env(), "the core was started before").ThrowAsJavaScriptException();
    return;
  }
  state_ = State::kRunning;
  options_.held = info[0].ToBoolean().Value();
  Ref();
  runner_->start();
  // After the threadsafe function was made: hooks run last in, first out, so the threads are joined while it is still
  // whole.
  napi_add_async_cleanup_hook(info.Env(), on_environment_ends, this, &cleanup_);
}

void JsCore::JS_Flush(const Napi::CallbackInfo& info) {
  if (state_ != State::kRunning) return;
  if (!exchange_->flush(info[0].As<Napi::Number>().Uint32Value())) {
    Napi::RangeError::New(info.Env(), "malformed operations in the outbox").ThrowAsJavaScriptException();
  }
}

void JsCore::JS_BeginLater(const Napi::CallbackInfo& info) {
  exchange_->begin_later(info[0].As<Napi::Number>().Uint32Value());
}

Napi::Value JsCore::JS_Retain(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), exchange_->retain(info[0].As<Napi::Uint8Array>()));
}

Napi::Value JsCore::JS_TakeBody(const Napi::CallbackInfo& info) {
  return exchange_->take_body(info.Env(), info[0].As<Napi::Number>().Uint32Value(),
                              info[1].As<Napi::Number>().Uint32Value());
}

void JsCore::queue_command(const Napi::CallbackInfo& info, server::IoLoop::Command command) {
  const uint32_t queue = info[0].As<Napi::Number>().Uint32Value();
  if (state_ != State::kRunning || queue >= options_.queues.size()) return;
  runner_->command(options_.queues[queue].loop, command, queue);
}

void JsCore::JS_AdoptQueue(const Napi::CallbackInfo& info) { queue_command(info, server::IoLoop::Command::kAdopt); }

void JsCore::JS_ReleaseQueue(const Napi::CallbackInfo& info) { queue_command(info, server::IoLoop::Command::kRelease); }

void JsCore::JS_HoldQueues(const Napi::CallbackInfo& info) {
  if (state_ != State::kRunning) return;
  const uint32_t on = info[0].ToBoolean().Value() ? 1 : 0;
  for (uint32_t i = 0; i < options_.loops; ++i) runner_->command(i, server::IoLoop::Command::kHold, on);
}

void JsCore::JS_Drain(const Napi::CallbackInfo& info) {
  if (state_ != State::kRunning) return;
  const int taker = info[1].IsNumber() ? info[1].As<Napi::Number>().Int32Value() : -1;
  const uint32_t argument = server::IoLoop::drain_argument(info[0].ToBoolean().Value(), taker);
  for (uint32_t i = 0; i < options_.loops; ++i) runner_->command(i, server::IoLoop::Command::kDrain, argument);
}

void JsCore::JS_Stop(const Napi::CallbackInfo&) { stop(); }

void JsCore::stop() {
  if (state_ != State::kRunning) return;
  state_ = State::kStopping;
  exchange_->close();
  runner_->stop([](void* self) { static_cast<JsCore*>(self)->stopped(); }, this);
}

void JsCore::stopped() {
  state_ = State::kStopped;
  exchange_->drop_lent();
  napi_remove_async_cleanup_hook(std::exchange(cleanup_, nullptr));
  Unref();
}

void JsCore::on_environment_ends(napi_async_cleanup_hook_handle, void* argument) {
  static_cast<JsCore*>(argument)->stop();
}

Napi::Value JsCore::JS_Counters(const Napi::CallbackInfo& info) {
  using Cell = server::Counters::Cell;
  Napi::Object out = Napi::Object::New(info.Env());
  const auto add = [&](const char* name, Cell server::Counters::*cell) {
    uint64_t sum = 0;
    if (loop_runner_ != nullptr) sum = (loop_runner_->counters().*cell).get();
    for (size_t i = 0; pool_ != nullptr && i < pool_->size(); ++i) sum += (pool_->counters(i).*cell).get();
    out.Set(name, Napi::Number::New(info.Env(), static_cast<double>(sum)));
  };
  add("connections", &server::Counters::connections);
  add("accepted", &server::Counters::accepted);
  add("given", &server::Counters::given);
  add("taken", &server::Counters::taken);
  add("requests", &server::Counters::requests);
  add("inFlight", &server::Counters::in_flight);
  add("rejected", &server::Counters::rejected);
  add("badRequests", &server::Counters::bad_requests);
  add("timeouts", &server::Counters::timeouts);
  add("aborted", &server::Counters::aborted);
  add("staleWrites", &server::Counters::stale_writes);
  add("acceptPauses", &server::Counters::accept_pauses);
  add("bytesIn", &server::Counters::bytes_in);
  add("bytesOut", &server::Counters::bytes_out);
  add("runningMicros", &server::Counters::running_us);
  out.Set("pending", Napi::Number::New(info.Env(), shared_.pending.load(std::memory_order_relaxed)));
  out.Set("bodyMemory",
          Napi::Number::New(info.Env(), static_cast<double>(shared_.body_memory.load(std::memory_order_relaxed))));
  return out;
}

}  // namespace tsuwsgi::binding
