#include "base/parent_death.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace tsuwsgi {
namespace {

std::atomic<unsigned> grace_seconds{0};
static_assert(std::atomic<unsigned>::is_always_lock_free, "a signal handler reads it");

/// On whichever thread; only what is async-signal-safe.
void on_parent_death(int) {
  ::signal(SIGALRM, SIG_DFL);
  ::alarm(grace_seconds.load(std::memory_order_relaxed));
}

/// Node, libuv and the C library use none of the last ones.
int parent_death_signal() { return SIGRTMAX - 3; }

}  // namespace

bool end_after_parent(unsigned seconds) {
  grace_seconds.store(seconds, std::memory_order_relaxed);
  struct sigaction action = {};
  action.sa_handler = on_parent_death;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (::sigaction(parent_death_signal(), &action, nullptr) != 0) return false;
  return ::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(parent_death_signal())) == 0;
}

}  // namespace tsuwsgi
