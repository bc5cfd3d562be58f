#pragma once

#include <cstddef>
#include <cstdint>

#include "server/io_loop.h"

namespace tsuwsgi::binding {

/// Who runs the I/O loops. All methods belong to the JavaScript thread.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual void start() = 0;
  /// Gives operations to the loop with this index, or to all.
  virtual void forward(uint32_t loop, const uint8_t* operations, size_t size) = 0;
  virtual void command(uint32_t loop, server::IoLoop::Command command, uint32_t queue) = 0;
  /// Ends the loops. `done` is called (perhaps at once) when nothing of them is left on the outer event loop.
  virtual void stop(void (*done)(void*), void* argument) = 0;
};

}  // namespace tsuwsgi::binding
