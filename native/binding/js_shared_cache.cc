#include "binding/js_shared_cache.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binding/system_error.h"

namespace tsuwsgi::binding {

namespace {

/// The bytes of an argument, a string (as UTF-8) or a Uint8Array, for as long as the call lasts.
class Bytes {
 public:
  explicit Bytes(const Napi::Value& value) {
    if (value.IsString()) {
      text_ = value.As<Napi::String>().Utf8Value();
      view_ = text_;
    } else if (value.IsTypedArray()) {
      const auto array = value.As<Napi::Uint8Array>();
      view_ = {reinterpret_cast<const char*>(array.Data()), array.ByteLength()};
    }
  }
  ~Bytes() = default;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  std::string_view view() const { return view_; }

 private:
  std::string text_;
  std::string_view view_;
};

uint32_t number(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().Uint32Value();
}

shared::CacheOptions read_cache_options(const Napi::Object& object) {
  shared::CacheOptions options;
  options.items = number(object, "items");
  options.blocks = number(object, "blocks");
  options.block_bytes = number(object, "blockBytes");
  options.key_bytes = number(object, "keyBytes");
  options.several_blocks = object.Get("severalBlocks").As<Napi::Boolean>();
  options.evicts = object.Get("evicts").As<Napi::Boolean>();
  return options;
}

Napi::Number status(Napi::Env env, shared::CacheStatus value) {
  return Napi::Number::New(env, static_cast<uint32_t>(value));
}

Napi::Number count(Napi::Env env, uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

}  // namespace

Napi::Function JsSharedCache::define(Napi::Env env) {
  return DefineClass(env, "SharedCache",
                     {
                         InstanceMethod<&JsSharedCache::JS_Get>("get"),
                         InstanceMethod<&JsSharedCache::JS_Exists>("exists"),
                         InstanceMethod<&JsSharedCache::JS_Put>("put"),
                         InstanceMethod<&JsSharedCache::JS_Remove>("remove"),
                         InstanceMethod<&JsSharedCache::JS_Clear>("clear"),
                         InstanceMethod<&JsSharedCache::JS_Calculate>("calculate"),
                         InstanceMethod<&JsSharedCache::JS_Keys>("keys"),
                         InstanceMethod<&JsSharedCache::JS_Stats>("stats"),
                     });
}

JsSharedCache::JsSharedCache(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JsSharedCache>(info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  const auto offset = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  const shared::CacheOptions options = read_cache_options(info[2].As<Napi::Object>());
  auto mapped = base::map_shared_memory(fd, shared::SharedCache::bytes(options), offset);
  if (!mapped.ok()) {
    throw_system_error(info.Env(), mapped.error());
    return;
  }
  memory_ = std::move(mapped.value());
  cache_ = std::make_unique<shared::SharedCache>(memory_.memory(), options);
  if (info[3].As<Napi::Boolean>()) cache_->initialize();
}

Napi::Value JsSharedCache::JS_Get(const Napi::CallbackInfo& info) {
  const Bytes key(info[0]);
  std::string value;
  const shared::CacheStatus found = cache_->get(key.view(), value);
  if (found != shared::CacheStatus::kOk) return status(info.Env(), found);
  return Napi::Buffer<char>::Copy(info.Env(), value.data(), value.size());
}

Napi::Value JsSharedCache::JS_Exists(const Napi::CallbackInfo& info) {
  const Bytes key(info[0]);
  return status(info.Env(), cache_->exists(key.view()));
}

Napi::Value JsSharedCache::JS_Put(const Napi::CallbackInfo& info) {
  const Bytes key(info[0]);
  const Bytes value(info[1]);
  const int64_t ttl_ms = info[2].As<Napi::Number>().Int64Value();
  const auto when = static_cast<shared::CachePut>(info[3].As<Napi::Number>().Uint32Value());
  return status(info.Env(), cache_->put(key.view(), value.view(), ttl_ms, when));
}

Napi::Value JsSharedCache::JS_Remove(const Napi::CallbackInfo& info) {
  const Bytes key(info[0]);
  return status(info.Env(), cache_->remove(key.view()));
}

Napi::Value JsSharedCache::JS_Clear(const Napi::CallbackInfo& info) { return status(info.Env(), cache_->clear()); }

Napi::Value JsSharedCache::JS_Calculate(const Napi::CallbackInfo& info) {
  const Bytes key(info[0]);
  const auto operation = static_cast<shared::CacheMath>(info[1].As<Napi::Number>().Uint32Value());
  const int64_t operand = info[2].As<Napi::Number>().Int64Value();
  const int64_t ttl_ms = info[3].As<Napi::Number>().Int64Value();
  int64_t result = 0;
  const shared::CacheStatus done = cache_->calculate(key.view(), operation, operand, ttl_ms, result);
  if (done == shared::CacheStatus::kOk) info[4].As<Napi::Float64Array>()[0] = static_cast<double>(result);
  return status(info.Env(), done);
}

Napi::Value JsSharedCache::JS_Keys(const Napi::CallbackInfo& info) {
  std::vector<std::string> keys;
  const shared::CacheStatus done = cache_->keys(keys);
  if (done != shared::CacheStatus::kOk) return status(info.Env(), done);
  Napi::Array out = Napi::Array::New(info.Env(), keys.size());
  for (uint32_t at = 0; at < keys.size(); ++at) out.Set(at, Napi::String::New(info.Env(), keys[at]));
  return out;
}

Napi::Value JsSharedCache::JS_Stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  shared::CacheStats stats;
  const int64_t limit_ms = info[0].IsNumber() ? info[0].As<Napi::Number>().Int64Value() : shared::SharedCache::kBusyMs;
  const shared::CacheStatus done = cache_->stats(stats, limit_ms);
  if (done != shared::CacheStatus::kOk) return status(env, done);
  Napi::Object out = Napi::Object::New(env);
  out.Set("items", count(env, stats.items));
  out.Set("usedBlocks", count(env, stats.used_blocks));
  out.Set("hits", count(env, stats.counters.hits));
  out.Set("misses", count(env, stats.counters.misses));
  out.Set("full", count(env, stats.counters.full));
  out.Set("evicted", count(env, stats.counters.evicted));
  out.Set("expired", count(env, stats.counters.expired));
  out.Set("recoveries", count(env, stats.counters.recoveries));
  return out;
}

Napi::Value JS_SharedCacheBytes(const Napi::CallbackInfo& info) {
  return count(info.Env(), shared::SharedCache::bytes(read_cache_options(info[0].As<Napi::Object>())));
}

}  // namespace tsuwsgi::binding
