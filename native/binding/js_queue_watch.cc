#include "binding/js_queue_watch.h"

#include <utility>
#include <vector>

#include "base/check.h"
#include "binding/system_error.h"
#include "net/listen_backlog.h"
#include "net/queue_watch.h"

namespace tsuwsgi::binding {

namespace {

std::vector<int> descriptors(const Napi::Array& numbers) {
  std::vector<int> fds;
  for (uint32_t i = 0; i < numbers.Length(); ++i) fds.push_back(numbers.Get(i).As<Napi::Number>().Int32Value());
  return fds;
}

}  // namespace

Napi::Function JsQueueWatch::define(Napi::Env env) {
  return DefineClass(env, "QueueWatch", {InstanceMethod<&JsQueueWatch::JS_Stop>("stop")});
}

JsQueueWatch::JsQueueWatch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsQueueWatch>(info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 2 || !info[0].IsArray() || !info[1].IsFunction()) {
    Napi::TypeError::New(env, "QueueWatch takes an array of descriptors and a function").ThrowAsJavaScriptException();
    return;
  }
  base::Result<base::UniqueFd> queues = net::watch_queues(descriptors(info[0].As<Napi::Array>()));
  if (!queues.ok()) {
    throw_system_error(env, queues.error());
    return;
  }
  callback_ = Napi::Persistent(info[1].As<Napi::Function>());
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  poll_ = new Poll{{}, this, std::move(queues.value())};
  TSUWSGI_CHECK(uv_poll_init(loop, &poll_->handle, poll_->queues.get()) == 0);
  poll_->handle.data = poll_;
  Ref();
  napi_add_async_cleanup_hook(env, on_environment_ends, this, &cleanup_);
  uv_poll_start(&poll_->handle, UV_READABLE,
                [](uv_poll_t* handle, int, int) { static_cast<Poll*>(handle->data)->owner->tell(); });
}

JsQueueWatch::~JsQueueWatch() { TSUWSGI_CHECK(poll_ == nullptr); }

void JsQueueWatch::tell() {
  const Napi::Env env = Env();
  const Napi::HandleScope scope(env);
  const Napi::Function callback = callback_.Value();
  const Napi::AsyncContext context(env, "QueueWatch");
  stop();
  callback.MakeCallback(env.Global(), {}, context);
}

void JsQueueWatch::JS_Stop(const Napi::CallbackInfo& /*info*/) { stop(); }

void JsQueueWatch::stop() {
  Poll* poll = std::exchange(poll_, nullptr);
  if (poll == nullptr) return;
  uv_poll_stop(&poll->handle);
  uv_close(reinterpret_cast<uv_handle_t*>(&poll->handle), on_closed);
}

/// The object is still there: it drops its reference to itself only here.
void JsQueueWatch::on_closed(uv_handle_t* handle) {
  auto* poll = static_cast<Poll*>(handle->data);
  JsQueueWatch* owner = poll->owner;
  delete poll;
  napi_remove_async_cleanup_hook(std::exchange(owner->cleanup_, nullptr));
  const Napi::HandleScope scope(owner->Env());
  owner->callback_.Reset();
  owner->Unref();
}

void JsQueueWatch::on_environment_ends(napi_async_cleanup_hook_handle, void* argument) {
  static_cast<JsQueueWatch*>(argument)->stop();
}

Napi::Value JS_ListenBacklog(const Napi::CallbackInfo& info) {
  const auto backlog = net::listen_backlog(info[0].As<Napi::Number>().Int32Value());
  return backlog ? Napi::Number::New(info.Env(), *backlog) : info.Env().Undefined();
}

}  // namespace tsuwsgi::binding
