#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

/// `(fd)`: a function that writes whole lines to the descriptor without ever waiting, and returns how many bytes it
/// took and the errno of what it did not take (0: it took all). The descriptor stays the caller's.
Napi::Value JS_OpenOutput(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
