#pragma once

#include <napi.h>

#include <memory>

#include "base/shared_memory.h"
#include "shared/shared_cache.h"

namespace tsuwsgi::binding {

/// `class SharedCache` of src/binding/native.ts: one cache in memory that processes share. Belongs to the JavaScript
/// thread of one environment. Maps the memory for as long as it lives.
class JsSharedCache : public Napi::ObjectWrap<JsSharedCache> {
 public:
  static Napi::Function define(Napi::Env env);
  /// `(fd, offset, options, initialize)`
  explicit JsSharedCache(const Napi::CallbackInfo& info);

 private:
  Napi::Value JS_Get(const Napi::CallbackInfo& info);
  Napi::Value JS_Exists(const Napi::CallbackInfo& info);
  Napi::Value JS_Put(const Napi::CallbackInfo& info);
  Napi::Value JS_Remove(const Napi::CallbackInfo& info);
  Napi::Value JS_Clear(const Napi::CallbackInfo& info);
  Napi::Value JS_Calculate(const Napi::CallbackInfo& info);
  Napi::Value JS_Keys(const Napi::CallbackInfo& info);
  Napi::Value JS_Stats(const Napi::CallbackInfo& info);

  base::SharedMapping memory_;
  std::unique_ptr<shared::SharedCache> cache_;
};

/// `(options)`: the bytes of memory that such a cache needs.
Napi::Value JS_SharedCacheBytes(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
