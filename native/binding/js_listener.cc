#include "binding/js_listener.h"

#include <uv.h>

#include <cstring>
#include <string>

#include "base/unique_fd.h"
#include "net/listener.h"

namespace tsuwsgi::binding {

namespace {

void throw_system_error(Napi::Env env, const base::SystemError& error) {
  const std::string code = uv_err_name(-error.code);
  Napi::Error out = Napi::Error::New(env, std::string(error.call) + " " + code + ": " + std::strerror(error.code));
  out.Set("code", code);
  out.Set("errno", Napi::Number::New(env, -error.code));
  out.Set("syscall", error.call);
  out.ThrowAsJavaScriptException();
}

}  // namespace

Napi::Value JS_BindListener(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto options = info[0].As<Napi::Object>();
  const std::string host = options.Get("host").As<Napi::String>().Utf8Value();
  const auto port = static_cast<uint16_t>(options.Get("port").As<Napi::Number>().Uint32Value());
  const int backlog = options.Get("backlog").As<Napi::Number>().Int32Value();
  const bool reuse_port = options.Get("reusePort").ToBoolean().Value();
  base::Result<net::Listener> result = net::listen_tcp({host.c_str(), port}, backlog, reuse_port);
  if (!result.ok()) {
    throw_system_error(env, result.error());
    return env.Undefined();
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("host", result.value().host);
  out.Set("port", Napi::Number::New(env, result.value().port));
  out.Set("fd", Napi::Number::New(env, result.value().fd.release()));
  return out;
}

void JS_CloseListener(const Napi::CallbackInfo& info) { base::UniqueFd(info[0].As<Napi::Number>().Int32Value()); }

}  // namespace tsuwsgi::binding
