// The floor again, with io_uring in place of epoll: one system call submits and collects a whole batch. Raw system
// calls, so that nothing has to be installed. Keep-alive only, one request per read.
//
// floor_uring PORT BODY_FILE CONTENT_TYPE
// floor_uring --probe    exit code 0 where the kernel lets this process use io_uring

#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "floor_common.h"

namespace {

constexpr unsigned kEntries = 4096;
constexpr size_t kInputBytes = 4096;

enum class Step : uint64_t { kAccept, kRecv, kSend };

// The three mappings of io_uring_setup(2). Only this thread touches the tails of what it fills and the heads of what
// it drains; the kernel's sides are read and published with acquire and release.
class Ring {
 public:
  bool open() {
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    fd_ = static_cast<int>(syscall(__NR_io_uring_setup, kEntries, &params));
    if (fd_ < 0) return false;
    char* submission = map(params.sq_off.array + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
    char* completion = map(params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe), IORING_OFF_CQ_RING);
    char* entries = map(params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES);
    if (submission == MAP_FAILED || completion == MAP_FAILED || entries == MAP_FAILED) return false;
    sq_tail_ = reinterpret_cast<unsigned*>(submission + params.sq_off.tail);
    sq_array_ = reinterpret_cast<unsigned*>(submission + params.sq_off.array);
    sq_mask_ = params.sq_entries - 1;
    sqes_ = reinterpret_cast<io_uring_sqe*>(entries);
    cq_head_ = reinterpret_cast<unsigned*>(completion + params.cq_off.head);
    cq_tail_ = reinterpret_cast<unsigned*>(completion + params.cq_off.tail);
    cq_mask_ = params.cq_entries - 1;
    cqes_ = reinterpret_cast<io_uring_cqe*>(completion + params.cq_off.cqes);
    return true;
  }

  io_uring_sqe& prepare(uint8_t opcode, int fd, Step step) {
    if (queued_ == kEntries) submit(0);
    const unsigned tail = *sq_tail_ + queued_++;
    sq_array_[tail & sq_mask_] = tail & sq_mask_;
    io_uring_sqe& entry = sqes_[tail & sq_mask_];
    memset(&entry, 0, sizeof entry);
    entry.opcode = opcode;
    entry.fd = fd;
    entry.user_data = static_cast<uint64_t>(fd) << 2 | static_cast<uint64_t>(step);
    return entry;
  }

  // Hands over what was prepared and waits until `least` completions are there.
  void submit(unsigned least) {
    __atomic_store_n(sq_tail_, *sq_tail_ + queued_, __ATOMIC_RELEASE);
    syscall(__NR_io_uring_enter, fd_, queued_, least, IORING_ENTER_GETEVENTS, nullptr, 0);
    queued_ = 0;
  }

  template <typename Handler>
  void drain(Handler handle) {
    const unsigned tail = __atomic_load_n(cq_tail_, __ATOMIC_ACQUIRE);
    for (unsigned head = *cq_head_; head != tail; ++head) {
      const io_uring_cqe& done = cqes_[head & cq_mask_];
      handle(static_cast<Step>(done.user_data & 3), static_cast<int>(done.user_data >> 2), done.res);
    }
    __atomic_store_n(cq_head_, tail, __ATOMIC_RELEASE);
  }

 private:
  char* map(size_t bytes, off_t offset) const {
    return static_cast<char*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, offset));
  }

  int fd_ = -1;
  unsigned* sq_tail_ = nullptr;
  unsigned* sq_array_ = nullptr;
  unsigned sq_mask_ = 0;
  io_uring_sqe* sqes_ = nullptr;
  unsigned queued_ = 0;
  unsigned* cq_head_ = nullptr;
  unsigned* cq_tail_ = nullptr;
  unsigned cq_mask_ = 0;
  io_uring_cqe* cqes_ = nullptr;
};

class Floor {
 public:
  Floor(int listener, std::string answer) : listener_(listener), answer_(std::move(answer)) {}

  int run() {
    if (!ring_.open()) {
      perror("floor_uring: no io_uring");
      return 1;
    }
    accept_next();
    for (;;) {
      ring_.submit(1);
      ring_.drain([this](Step step, int fd, int result) { handle(step, fd, result); });
    }
  }

 private:
  void handle(Step step, int fd, int result) {
    if (step == Step::kAccept) {
      if (result >= 0) receive(result);
      accept_next();
    } else if (result <= 0) {
      close(fd);
    } else if (step == Step::kRecv) {
      send_answer(fd);
    } else {
      receive(fd);
    }
  }

  void accept_next() {
    io_uring_sqe& entry = ring_.prepare(IORING_OP_ACCEPT, listener_, Step::kAccept);
    entry.accept_flags = SOCK_CLOEXEC;
  }

  void receive(int fd) {
    const size_t index = static_cast<size_t>(fd);
    if (inputs_.size() <= index) inputs_.resize(index + 1);
    if (!inputs_[index]) inputs_[index] = std::make_unique<std::array<char, kInputBytes>>();
    io_uring_sqe& entry = ring_.prepare(IORING_OP_RECV, fd, Step::kRecv);
    entry.addr = reinterpret_cast<uint64_t>(inputs_[index]->data());
    entry.len = kInputBytes;
  }

  void send_answer(int fd) {
    io_uring_sqe& entry = ring_.prepare(IORING_OP_SEND, fd, Step::kSend);
    entry.addr = reinterpret_cast<uint64_t>(answer_.data());
    entry.len = static_cast<unsigned>(answer_.size());
    entry.msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
  }

  Ring ring_;
  int listener_;
  std::string answer_;
  std::vector<std::unique_ptr<std::array<char, kInputBytes>>> inputs_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--probe") return Ring().open() ? 0 : 1;
  if (argc < 4) {
    fputs("usage: floor_uring [--probe] PORT BODY_FILE CONTENT_TYPE\n", stderr);
    return 2;
  }
  const int listener = listen_on(static_cast<uint16_t>(std::stoi(argv[1])));
  if (listener < 0) {
    perror("floor_uring: cannot listen");
    return 1;
  }
  const auto floor = std::make_unique<Floor>(listener, make_answer(argv[2], argv[3], "keep-alive"));
  return floor->run();
}
