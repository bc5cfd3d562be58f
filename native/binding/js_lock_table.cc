#include "binding/js_lock_table.h"

#include <utility>

#include "binding/system_error.h"

namespace tsuwsgi::binding {

namespace {

uint32_t number(const Napi::Value& value) { return value.As<Napi::Number>().Uint32Value(); }

/// Waits on a thread of libuv's pool. The environment's end waits for it, so its limit is short; callers wait again.
class ReleaseWait : public Napi::AsyncWorker {
 public:
  ReleaseWait(Napi::Env env, std::shared_ptr<MappedLocks> locks, uint32_t seen, int64_t limit_ms)
      : Napi::AsyncWorker(env),
        promise_(Napi::Promise::Deferred::New(env)),
        locks_(std::move(locks)),
        seen_(seen),
        limit_ms_(limit_ms) {}

  Napi::Promise promise() const { return promise_.Promise(); }

 protected:
  void Execute() override { locks_->table.wait_release(seen_, limit_ms_); }
  void OnOK() override { promise_.Resolve(Env().Undefined()); }

 private:
  Napi::Promise::Deferred promise_;
  std::shared_ptr<MappedLocks> locks_;
  uint32_t seen_;
  int64_t limit_ms_;
};

}  // namespace

Napi::Function JsLockTable::define(Napi::Env env) {
  return DefineClass(env, "LockTable",
                     {
                         InstanceMethod<&JsLockTable::JS_TryLock>("tryLock"),
                         InstanceMethod<&JsLockTable::JS_Unlock>("unlock"),
                         InstanceMethod<&JsLockTable::JS_ReleaseAll>("releaseAll"),
                         InstanceMethod<&JsLockTable::JS_Holder>("holder"),
                         InstanceMethod<&JsLockTable::JS_Releases>("releases"),
                         InstanceMethod<&JsLockTable::JS_WaitRelease>("waitRelease"),
                     });
}

JsLockTable::JsLockTable(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsLockTable>(info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  const uint32_t locks = number(info[1]);
  auto mapped = base::map_shared_memory(fd, shared::LockTable::bytes(locks));
  if (mapped.ok())
    locks_ = std::make_shared<MappedLocks>(std::move(mapped.value()), locks);
  else
    throw_system_error(info.Env(), mapped.error());
}

Napi::Value JsLockTable::JS_TryLock(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), locks_->table.try_lock(number(info[0]), number(info[1])));
}

Napi::Value JsLockTable::JS_Unlock(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), locks_->table.unlock(number(info[0]), number(info[1])));
}

Napi::Value JsLockTable::JS_ReleaseAll(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), locks_->table.release_all(number(info[0])));
}

Napi::Value JsLockTable::JS_Holder(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), locks_->table.holder(number(info[0])));
}

Napi::Value JsLockTable::JS_Releases(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), locks_->table.releases());
}

Napi::Value JsLockTable::JS_WaitRelease(const Napi::CallbackInfo& info) {
  const int64_t limit_ms = info[1].As<Napi::Number>().Int64Value();
  auto* wait = new ReleaseWait(info.Env(), locks_, number(info[0]), limit_ms);
  const Napi::Promise promise = wait->promise();
  wait->Queue();
  return promise;
}

Napi::Value JS_LockTableBytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(shared::LockTable::bytes(number(info[0]))));
}

}  // namespace tsuwsgi::binding
