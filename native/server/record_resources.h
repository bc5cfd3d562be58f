#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "server/held_body.h"

namespace tsuwsgi::server {

/// Takes the body out of a REQUEST record of kind MEMORY; nullptr for other records. Afterwards the record owns
/// nothing.
std::unique_ptr<HeldBody> take_body_memory(uint8_t* record);

/// Records may own memory and descriptors on their way. These give back what undelivered ones hold (teardown).
void release_event_resources(uint8_t* records, size_t size);
void release_operation_resources(const uint8_t* records, size_t size);

}  // namespace tsuwsgi::server
