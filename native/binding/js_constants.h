#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

/// BoundaryConstants of src/binding/native.ts: the record layout of native/server/records.h, so that JavaScript has no
/// copy of it.
Napi::Object make_constants(Napi::Env env);
/// The environ keys by id.
Napi::Array make_environ_keys(Napi::Env env);

}  // namespace tsuwsgi::binding
