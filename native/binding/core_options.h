#pragma once

#include <napi.h>

#include "server/server_options.h"

namespace tsuwsgi::binding {

/// CoreOptions of src/binding/native.ts. TypeScript has checked the values; a missing or wrongly typed one leaves a
/// pending TypeError.
server::ServerOptions read_options(const Napi::Object& options);

}  // namespace tsuwsgi::binding
