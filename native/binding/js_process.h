#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

/// `reapChild(pid): boolean`: takes the exit status of a dead child, without waiting; false where there is none to
/// take. Only for children that libuv did not start: it waits for its own.
Napi::Value JS_ReapChild(const Napi::CallbackInfo& info);

/// `endAfterParent(seconds): boolean`: see base/parent_death.h.
Napi::Value JS_EndAfterParent(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
