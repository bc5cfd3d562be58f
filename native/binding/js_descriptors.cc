#include "binding/js_descriptors.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/shared_memory.h"
#include "binding/system_error.h"
#include "net/descriptor_channel.h"
#include "net/unix_connection.h"

namespace tsuwsgi::binding {

void JS_DuplicateOnto(const Napi::CallbackInfo& info) {
  const int from = info[0].As<Napi::Number>().Int32Value();
  const int onto = info[1].As<Napi::Number>().Int32Value();
  if (::dup2(from, onto) < 0) throw_system_error(info.Env(), {errno, "dup2"});
}

namespace {

Napi::Value to_number(Napi::Env env, base::Result<base::UniqueFd> made) {
  if (made.ok()) return Napi::Number::New(env, made.value().release());
  throw_system_error(env, made.error());
  return env.Undefined();
}

}  // namespace

Napi::Value JS_ConnectDatagram(const Napi::CallbackInfo& info) {
  return to_number(info.Env(), net::connect_unix_datagram(info[0].As<Napi::String>().Utf8Value()));
}

Napi::Value JS_ConnectAbstract(const Napi::CallbackInfo& info) {
  return to_number(info.Env(), net::connect_unix_stream({info[0].As<Napi::String>().Utf8Value(), true}));
}

Napi::Value JS_MakeDescriptorChannel(const Napi::CallbackInfo& info) {
  auto made = net::make_descriptor_channel();
  if (!made.ok()) {
    throw_system_error(info.Env(), made.error());
    return info.Env().Undefined();
  }
  Napi::Object ends = Napi::Object::New(info.Env());
  ends.Set("sender", Napi::Number::New(info.Env(), made.value().sender.release()));
  ends.Set("receiver", Napi::Number::New(info.Env(), made.value().receiver.release()));
  return ends;
}

void JS_MakeFifo(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const auto mode = static_cast<mode_t>(info[1].As<Napi::Number>().Uint32Value());
  if (::mkfifo(path.c_str(), mode) != 0) return throw_system_error(info.Env(), {errno, "mkfifo"});
  if (::chmod(path.c_str(), mode) != 0) throw_system_error(info.Env(), {errno, "chmod"});
}

Napi::Value JS_CreateSharedMemory(const Napi::CallbackInfo& info) {
  const auto bytes = static_cast<size_t>(info[0].As<Napi::Number>().Int64Value());
  return to_number(info.Env(), base::create_shared_memory(bytes));
}

Napi::Value JS_MapSharedMemory(const Napi::CallbackInfo& info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  const auto bytes = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  auto mapped = base::map_shared_memory(fd, bytes);
  if (!mapped.ok()) {
    throw_system_error(info.Env(), mapped.error());
    return info.Env().Undefined();
  }
  auto* mapping = new base::SharedMapping(std::move(mapped.value()));
  return Napi::ArrayBuffer::New(
      info.Env(), mapping->memory(), bytes, [](Napi::Env, void*, base::SharedMapping* owner) { delete owner; },
      mapping);
}

}  // namespace tsuwsgi::binding
