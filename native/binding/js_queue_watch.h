#pragma once

#include <napi.h>
#include <uv.h>

#include "base/unique_fd.h"

namespace tsuwsgi::binding {

/// `class QueueWatch` of src/binding/native.ts: tells once that a connection waits in one of some listening sockets,
/// or a message in one of some channels, and takes nothing. Belongs to the JavaScript thread of one environment; keeps
/// itself alive until it has told or was stopped. The sockets stay their owner's, who may close them meanwhile.
class JsQueueWatch : public Napi::ObjectWrap<JsQueueWatch> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit JsQueueWatch(const Napi::CallbackInfo& info);
  ~JsQueueWatch() override;
  JsQueueWatch(const JsQueueWatch&) = delete;
  JsQueueWatch& operator=(const JsQueueWatch&) = delete;

 private:
  /// libuv gives a handle back one turn after it was closed.
  struct Poll {
    uv_poll_t handle;
    JsQueueWatch* owner;
    base::UniqueFd queues;
  };

  void JS_Stop(const Napi::CallbackInfo& info);
  void tell();
  void stop();
  static void on_closed(uv_handle_t* handle);
  static void on_environment_ends(napi_async_cleanup_hook_handle hook, void* argument);

  Poll* poll_ = nullptr;  ///< while it watches
  Napi::FunctionReference callback_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
};

/// `listenBacklog(fd): number | undefined`
Napi::Value JS_ListenBacklog(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
