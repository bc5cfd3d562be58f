#pragma once

#include <sys/epoll.h>

#include <cstdint>

#include "base/unique_fd.h"

namespace tsuwsgi::net {

/// epoll with an eventfd that other threads may ring. All methods but `wake` belong to the loop's thread.
class Poller {
 public:
  static constexpr int kMaxEvents = 256;

  Poller();

  /// Ready when any registered descriptor is: an outer loop can wait for this one.
  int fd() const { return epoll_.get(); }

  /// Edge-triggered, both directions: for connections. `token` comes back with each event.
  bool add_stream(int fd, uint64_t token);
  /// Level-triggered, input only; `shared`: other processes may poll the same socket, wake one of them.
  bool add_listener(int fd, uint64_t token, bool shared);
  void remove(int fd);

  /// Waits at most `timeout_ms` (-1: for ever). Returns the number of events; `event(i)` reads them until the next
  /// wait.
  int wait(int timeout_ms);
  const epoll_event& event(int index) const { return events_[index]; }

  static constexpr uint64_t kWakeToken = ~uint64_t{0};
  /// Any thread, also a signal handler.
  void wake();
  /// To be called when an event carries kWakeToken.
  void clear_wake();

 private:
  base::UniqueFd epoll_;
  base::UniqueFd wake_;
  epoll_event events_[kMaxEvents];
};

}  // namespace tsuwsgi::net
