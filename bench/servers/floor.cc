// The floor: what the kernel charges for one request on one connection, and nothing more. An epoll loop that reads
// once, writes a constant once, and never looks at what it read (except to count heads when requests are pipelined). A
// server that parses can come near this, not below it.
//
// floor PORT BODY_FILE CONTENT_TYPE [--close | --pipelined]

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "floor_common.h"

namespace {

enum class Mode { kKeepAlive, kClose, kPipelined };

struct Connection {
  size_t unsent = 0;   // bytes of the output still to write
  size_t sent = 0;     // bytes of the output written
  size_t answers = 0;  // answers the output consists of
  size_t matched = 0;  // bytes of "\r\n\r\n" that the last read ended with (pipelined)
};

class Floor {
 public:
  Floor(int listener, std::string answer, Mode mode) : listener_(listener), answer_(std::move(answer)), mode_(mode) {}

  int run() {
    poller_ = epoll_create1(EPOLL_CLOEXEC);
    if (poller_ < 0 || !watch(EPOLL_CTL_ADD, listener_, EPOLLIN)) return 1;
    std::vector<epoll_event> events(512);
    for (;;) {
      const int ready = epoll_wait(poller_, events.data(), static_cast<int>(events.size()), -1);
      for (int index = 0; index < ready; ++index) handle(events[static_cast<size_t>(index)]);
    }
  }

 private:
  bool watch(int operation, int fd, unsigned mask) {
    epoll_event event{};
    event.events = mask;
    event.data.fd = fd;
    return epoll_ctl(poller_, operation, fd, &event) == 0;
  }

  void handle(const epoll_event& event) {
    if (event.data.fd == listener_) {
      accept_all();
    } else if ((event.events & EPOLLOUT) != 0) {
      if (write_output(event.data.fd)) watch(EPOLL_CTL_MOD, event.data.fd, EPOLLIN);
    } else {
      answer_one_read(event.data.fd);
    }
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const size_t index = static_cast<size_t>(fd);
      if (connections_.size() <= index) connections_.resize(index + 1);
      connections_[index] = Connection{};
      watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  void answer_one_read(int fd) {
    const ssize_t got = recv(fd, input_, sizeof input_, 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) close(fd);
      return;
    }
    Connection& connection = connections_[static_cast<size_t>(fd)];
    connection.answers = mode_ == Mode::kPipelined ? count_heads(connection, static_cast<size_t>(got)) : 1;
    connection.unsent = connection.answers * answer_.size();
    connection.sent = 0;
    if (!write_output(fd)) watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
  }

  // Heads that end in the bytes just read, also where an end is split over two reads.
  size_t count_heads(Connection& connection, size_t got) const {
    static constexpr char kEnd[] = "\r\n\r\n";
    size_t heads = 0;
    for (size_t index = 0; index < got; ++index) {
      const char byte = input_[index];
      if (byte == kEnd[connection.matched]) {
        if (++connection.matched == 4) {
          ++heads;
          connection.matched = 0;
        }
      } else {
        connection.matched = byte == '\r' ? 1 : 0;
      }
    }
    return heads;
  }

  // True when everything was written (or the connection is gone).
  bool write_output(int fd) {
    Connection& connection = connections_[static_cast<size_t>(fd)];
    if (connection.answers > 1) repeat_answer(connection.answers);
    const std::string& output = connection.answers > 1 ? repeated_ : answer_;
    while (connection.unsent > 0) {
      const ssize_t put = send(fd, output.data() + connection.sent, connection.unsent, MSG_NOSIGNAL);
      if (put < 0) {
        if (errno == EAGAIN) return false;
        close(fd);
        return true;
      }
      connection.sent += static_cast<size_t>(put);
      connection.unsent -= static_cast<size_t>(put);
    }
    if (mode_ == Mode::kClose) close(fd);
    return true;
  }

  void repeat_answer(size_t times) {
    while (repeated_.size() < times * answer_.size()) repeated_ += answer_;
  }

  int listener_;
  int poller_ = -1;
  std::string answer_;
  std::string repeated_;
  Mode mode_;
  std::vector<Connection> connections_;
  char input_[64 * 1024];
};

Mode read_mode(const std::string& option) {
  if (option == "--close") return Mode::kClose;
  return option == "--pipelined" ? Mode::kPipelined : Mode::kKeepAlive;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    fputs("usage: floor PORT BODY_FILE CONTENT_TYPE [--close | --pipelined]\n", stderr);
    return 2;
  }
  const Mode mode = read_mode(argc > 4 ? argv[4] : "");
  const int listener = listen_on(static_cast<uint16_t>(std::stoi(argv[1])));
  if (listener < 0) {
    perror("floor: cannot listen");
    return 1;
  }
  const auto floor = std::make_unique<Floor>(
      listener, make_answer(argv[2], argv[3], mode == Mode::kClose ? "close" : "keep-alive"), mode);
  return floor->run();
}
