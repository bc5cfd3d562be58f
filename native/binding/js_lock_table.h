#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "base/shared_memory.h"
#include "shared/lock_table.h"

namespace tsuwsgi::binding {

/// Memory of a lock table, kept mapped by whoever uses it: the object, and waits that outlive it.
struct MappedLocks {
  MappedLocks(base::SharedMapping mapped, uint32_t locks) : memory(std::move(mapped)), table(memory.memory(), locks) {}

  base::SharedMapping memory;
  shared::LockTable table;
};

/// `class LockTable` of src/binding/native.ts. Belongs to the JavaScript thread of one environment.
class JsLockTable : public Napi::ObjectWrap<JsLockTable> {
 public:
  static Napi::Function define(Napi::Env env);
  /// `(fd, locks)`
  explicit JsLockTable(const Napi::CallbackInfo& info);

 private:
  Napi::Value JS_TryLock(const Napi::CallbackInfo& info);
  Napi::Value JS_Unlock(const Napi::CallbackInfo& info);
  Napi::Value JS_ReleaseAll(const Napi::CallbackInfo& info);
  Napi::Value JS_Holder(const Napi::CallbackInfo& info);
  Napi::Value JS_Releases(const Napi::CallbackInfo& info);
  Napi::Value JS_WaitRelease(const Napi::CallbackInfo& info);

  std::shared_ptr<MappedLocks> locks_;
};

/// `(locks)`: the bytes of memory that so many locks need.
Napi::Value JS_LockTableBytes(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
