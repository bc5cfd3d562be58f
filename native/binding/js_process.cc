#include "binding/js_process.h"

#include <sys/types.h>
#include <sys/wait.h>

#include "base/parent_death.h"

namespace tsuwsgi::binding {

Napi::Value JS_ReapChild(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto pid = static_cast<pid_t>(info[0].As<Napi::Number>().Int32Value());
  // 0 and below mean groups of children to waitpid, libuv's among them.
  if (pid <= 0) return Napi::Boolean::New(env, false);
  return Napi::Boolean::New(env, ::waitpid(pid, nullptr, WNOHANG) == pid);
}

Napi::Value JS_EndAfterParent(const Napi::CallbackInfo& info) {
  const uint32_t seconds = info[0].As<Napi::Number>().Uint32Value();
  return Napi::Boolean::New(info.Env(), seconds > 0 && end_after_parent(seconds));
}

}  // namespace tsuwsgi::binding
