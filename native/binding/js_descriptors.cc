#include "binding/js_descriptors.h"

#include <unistd.h>

#include <cerrno>

#include "base/shared_memory.h"
#include "binding/system_error.h"
#include "net/datagram.h"

namespace tsuwsgi::binding {

void JS_DuplicateOnto(const Napi::CallbackInfo& info) {
  const int from = info[0].As<Napi::Number>().Int32Value();
  const int onto = info[1].As<Napi::Number>().Int32Value();
  if (::dup2(from, onto) < 0) throw_system_error(info.Env(), {errno, "dup2"});
}

Napi::Value JS_ConnectDatagram(const Napi::CallbackInfo& info) {
  auto connected = net::connect_unix_datagram(info[0].As<Napi::String>().Utf8Value());
  if (connected.ok()) return Napi::Number::New(info.Env(), connected.value().release());
  throw_system_error(info.Env(), connected.error());
  return info.Env().Undefined();
}

Napi::Value JS_CreateSharedMemory(const Napi::CallbackInfo& info) {
  auto created = base::create_shared_memory(static_cast<size_t>(info[0].As<Napi::Number>().Int64Value()));
  if (created.ok()) return Napi::Number::New(info.Env(), created.value().release());
  throw_system_error(info.Env(), created.error());
  return info.Env().Undefined();
}

Napi::Value JS_MapSharedMemory(const Napi::CallbackInfo& info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  const auto bytes = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  auto mapped = base::map_shared_memory(fd, bytes);
  if (!mapped.ok()) {
    throw_system_error(info.Env(), mapped.error());
    return info.Env().Undefined();
  }
  return Napi::ArrayBuffer::New(info.Env(), mapped.value(), bytes,
                                [bytes](Napi::Env, void* memory) { base::unmap_shared_memory(memory, bytes); });
}

}  // namespace tsuwsgi::binding
