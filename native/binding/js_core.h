#pragma once

#include <napi.h>

#include <memory>

#include "binding/exchange.h"
#include "binding/loop_runner.h"
#include "binding/thread_pool.h"
#include "server/server_options.h"

namespace tsuwsgi::binding {

/// `class Core` of src/binding/native.ts. Belongs to the JavaScript thread of one environment. A started core keeps
/// itself alive and has a cleanup hook, so that its loops end before the environment does.
class JsCore : public Napi::ObjectWrap<JsCore> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit JsCore(const Napi::CallbackInfo& info);
  ~JsCore() override;
  JsCore(const JsCore&) = delete;
  JsCore& operator=(const JsCore&) = delete;

 private:
  Napi::Value JS_Inbox(const Napi::CallbackInfo& info);
  Napi::Value JS_Outbox(const Napi::CallbackInfo& info);
  void JS_Start(const Napi::CallbackInfo& info);
  void JS_Flush(const Napi::CallbackInfo& info);
  void JS_BeginLater(const Napi::CallbackInfo& info);
  Napi::Value JS_Retain(const Napi::CallbackInfo& info);
  Napi::Value JS_TakeBody(const Napi::CallbackInfo& info);
  void JS_AdoptQueue(const Napi::CallbackInfo& info);
  void JS_ReleaseQueue(const Napi::CallbackInfo& info);
  void JS_HoldQueues(const Napi::CallbackInfo& info);
  void JS_Drain(const Napi::CallbackInfo& info);
  void JS_Stop(const Napi::CallbackInfo& info);
  Napi::Value JS_Counters(const Napi::CallbackInfo& info);

  void queue_command(const Napi::CallbackInfo& info, server::IoLoop::Command command);
  void keep_board(const Napi::Object& options);
  void stop();
  void stopped();
  static void on_environment_ends(napi_async_cleanup_hook_handle handle, void* argument);

  enum class State : uint8_t { kNew, kRunning, kStopping, kStopped };

  State state_ = State::kNew;
  server::ServerOptions options_;
  server::SharedState shared_;
  Napi::ObjectReference board_;  ///< `memory` of it has options_.board
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<LoopRunner> loop_runner_;
  std::unique_ptr<ThreadPool> pool_;
  Runner* runner_ = nullptr;  ///< one of the two
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
};

}  // namespace tsuwsgi::binding
