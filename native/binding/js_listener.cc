#include "binding/js_listener.h"

#include <string>
#include <utility>

#include "base/unique_fd.h"
#include "binding/system_error.h"
#include "net/listener.h"
#include "net/unix_listener.h"

namespace tsuwsgi::binding {

namespace {

const char* family_name(net::Family family) {
  switch (family) {
    case net::Family::kIpv4:
      return "ipv4";
    case net::Family::kIpv6:
      return "ipv6";
    case net::Family::kUnix:
      return "unix";
  }
  return "";
}

Napi::Value bound_listener(Napi::Env env, base::Result<net::Listener> result) {
  if (!result.ok()) {
    throw_system_error(env, result.error());
    return env.Undefined();
  }
  net::Listener& listener = result.value();
  Napi::Object out = Napi::Object::New(env);
  out.Set("family", family_name(listener.family));
  out.Set("host", listener.host);
  out.Set("port", Napi::Number::New(env, listener.port));
  out.Set("fd", Napi::Number::New(env, listener.fd.release()));
  return out;
}

int integer(const Napi::Object& options, const char* name) { return options.Get(name).As<Napi::Number>().Int32Value(); }

std::string text(const Napi::Object& options, const char* name) {
  return options.Get(name).As<Napi::String>().Utf8Value();
}

/// -1 becomes the id that chown(2) takes for "leave it".
uint32_t id(const Napi::Object& options, const char* name) {
  return static_cast<uint32_t>(options.Get(name).As<Napi::Number>().Int64Value());
}

}  // namespace

Napi::Value JS_BindListener(const Napi::CallbackInfo& info) {
  const auto options = info[0].As<Napi::Object>();
  const std::string host = text(options, "host");
  const auto port = static_cast<uint16_t>(integer(options, "port"));
  const bool reuse_port = options.Get("reusePort").ToBoolean().Value();
  return bound_listener(info.Env(), net::listen_tcp({host.c_str(), port}, integer(options, "backlog"), reuse_port));
}

Napi::Value JS_BindUnixListener(const Napi::CallbackInfo& info) {
  const auto options = info[0].As<Napi::Object>();
  const net::UnixAddress address{text(options, "name"), options.Get("abstractName").ToBoolean().Value()};
  const net::UnixAccess access{integer(options, "mode"), id(options, "owner"), id(options, "group")};
  return bound_listener(info.Env(), net::listen_unix(address, access, integer(options, "backlog")));
}

Napi::Value JS_AdoptListener(const Napi::CallbackInfo& info) {
  const int fd = info[0].As<Napi::Number>().Int32Value();
  return bound_listener(info.Env(), net::adopt_listener(fd, info[1].As<Napi::Number>().Int32Value()));
}

void JS_CloseListener(const Napi::CallbackInfo& info) { base::UniqueFd(info[0].As<Napi::Number>().Int32Value()); }

}  // namespace tsuwsgi::binding
