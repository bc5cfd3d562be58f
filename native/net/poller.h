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
  /// Level-triggered, input only, for a queue that is polled by one loop: its own, or a neighbour's.
  bool add_listener(int fd, uint64_t token);
  void remove(int fd);

  /// For a queue that many loops poll all the time: one of those that wait is woken for each connection. That works
  /// only in an epoll that is waited on itself. Inside of another epoll, all are woken each time: so with `set_outer`
  /// the listener goes to the outer one, whose event there looks like one of `fd()`, and `wait` does not report it.
  bool add_shared_listener(int fd, uint64_t token);
  void remove_shared_listener(int fd);
  /// The epoll that waits for `fd()`; to be called before the first listener is added. It must take an event's data for
  /// the descriptor that is ready, as libuv does.
  void set_outer(int epoll) { outer_ = epoll; }
  /// Whether `wait` is silent about shared listeners: they have to be tried at every turn.
  bool shared_listeners_are_outside() const { return outer_ >= 0; }

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
  int outer_ = -1;
  base::UniqueFd wake_;
  epoll_event events_[kMaxEvents];
};

}  // namespace tsuwsgi::net
