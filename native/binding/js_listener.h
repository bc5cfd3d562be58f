#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

/// `bindListener(BindOptions): BoundListener`. Throws an Error with `code` ("EADDRINUSE"), `errno` and `syscall`, as
/// Node's own do.
Napi::Value JS_BindListener(const Napi::CallbackInfo& info);
/// `closeListener(fd)`: closes a descriptor that `bindListener` made.
void JS_CloseListener(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
