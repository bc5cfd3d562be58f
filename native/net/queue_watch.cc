#include "net/queue_watch.h"

#include <sys/epoll.h>

#include <cerrno>

namespace tsuwsgi::net {

base::Result<base::UniqueFd> watch_queues(const std::vector<int>& fds) {
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return base::SystemError{errno, "epoll_create1"};
  for (const int fd : fds) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) return base::SystemError{errno, "epoll_ctl"};
  }
  return epoll;
}

}  // namespace tsuwsgi::net
