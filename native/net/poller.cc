#include "net/poller.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"

namespace tsuwsgi::net {

namespace {
bool add(int epoll, int fd, uint32_t events, uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}
}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TSUWSGI_CHECK(epoll_.valid() && wake_.valid());
  TSUWSGI_CHECK(add(epoll_.get(), wake_.get(), EPOLLIN, kWakeToken));
}

bool Poller::add_stream(int fd, uint64_t token) {
  return add(epoll_.get(), fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, token);
}

bool Poller::add_listener(int fd, uint64_t token) { return add(epoll_.get(), fd, EPOLLIN | EPOLLEXCLUSIVE, token); }

void Poller::remove(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

bool Poller::add_shared_listener(int fd, uint64_t token) {
  if (outer_ < 0) return add_listener(fd, token);
  return add(outer_, fd, EPOLLIN | EPOLLEXCLUSIVE, static_cast<uint64_t>(epoll_.get()));
}

void Poller::remove_shared_listener(int fd) {
  ::epoll_ctl(outer_ < 0 ? epoll_.get() : outer_, EPOLL_CTL_DEL, fd, nullptr);
}

int Poller::wait(int timeout_ms) {
  const int count = ::epoll_wait(epoll_.get(), events_, kMaxEvents, timeout_ms);
  if (count >= 0) return count;
  TSUWSGI_CHECK(errno == EINTR);
  return 0;
}

void Poller::wake() {
  const uint64_t one = 1;
  // EAGAIN means that the counter is full, so a wake-up is already on its way.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Poller::clear_wake() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
}

}  // namespace tsuwsgi::net
