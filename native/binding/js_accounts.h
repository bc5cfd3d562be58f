#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

/// `findUser(name): { uid, gid } | undefined`: asks the system's name service, which may know more than /etc/passwd.
Napi::Value JS_FindUser(const Napi::CallbackInfo& info);
/// `findGroup(name): gid | undefined`
Napi::Value JS_FindGroup(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
