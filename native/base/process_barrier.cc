#include "base/process_barrier.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tsuwsgi::base {

namespace {
bool membarrier(int command) { return ::syscall(SYS_membarrier, command, 0U, 0) == 0; }
}  // namespace

bool process_barrier() {
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

}  // namespace tsuwsgi::base
