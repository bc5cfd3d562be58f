#pragma once

#include <cstdint>

namespace tsuwsgi {

/// What the peers of a listener speak. It belongs to the listener: a connection takes it over when it is accepted and
/// keeps it.
enum class Protocol : uint8_t { http, uwsgi };

}  // namespace tsuwsgi
