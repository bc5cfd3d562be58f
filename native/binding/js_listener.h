#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

// What binds or takes a listening socket returns a BoundListener, whose descriptor is the caller's from then on, and
// throws an Error with `code` ("EADDRINUSE"), `errno` and `syscall`, as Node's own do.

/// `bindListener(BindOptions): BoundListener`
Napi::Value JS_BindListener(const Napi::CallbackInfo& info);
/// `bindUnixListener(BindUnixOptions): BoundListener`
Napi::Value JS_BindUnixListener(const Napi::CallbackInfo& info);
/// `adoptListener(fd, backlog): BoundListener`
Napi::Value JS_AdoptListener(const Napi::CallbackInfo& info);
/// `closeListener(fd)`: closes a descriptor that came from one of those.
void JS_CloseListener(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
