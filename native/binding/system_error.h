#pragma once

#include <napi.h>

#include "base/status.h"

namespace tsuwsgi::binding {

/// Throws an Error with `code`, `errno` and `syscall`, as Node's own system errors have them.
void throw_system_error(Napi::Env env, const base::SystemError& error);

}  // namespace tsuwsgi::binding
