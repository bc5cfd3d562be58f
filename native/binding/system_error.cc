#include "binding/system_error.h"

#include <uv.h>

#include <cstring>
#include <string>

namespace tsuwsgi::binding {

void throw_system_error(Napi::Env env, const base::SystemError& error) {
  const std::string code = uv_err_name(-error.code);
  Napi::Error out = Napi::Error::New(env, std::string(error.call) + " " + code + ": " + std::strerror(error.code));
  out.Set("code", code);
  out.Set("errno", Napi::Number::New(env, -error.code));
  out.Set("syscall", error.call);
  out.ThrowAsJavaScriptException();
}

}  // namespace tsuwsgi::binding
