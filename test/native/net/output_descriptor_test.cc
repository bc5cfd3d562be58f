#include "net/output_descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using net::OutputDescriptor;

struct Ends {
  base::UniqueFd out;
  base::UniqueFd in;
};

/// Both ends block, as those of a shared standard error do: a write that waits hangs the test.
Ends blocking_pipe() {
  int fds[2] = {-1, -1};
  EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
  return {base::UniqueFd(fds[0]), base::UniqueFd(fds[1])};
}

Ends blocking_sockets() {
  int fds[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  return {base::UniqueFd(fds[0]), base::UniqueFd(fds[1])};
}

std::string read_all(int fd) {
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  std::string all;
  char block[4096];
  for (ssize_t got = 0; (got = ::read(fd, block, sizeof block)) > 0;) all.append(block, static_cast<size_t>(got));
  return all;
}

std::string lines(size_t count, size_t length) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += std::string(length, 'x') + '\n';
  return all;
}

void fills_without_waiting(const Ends& ends) {
  OutputDescriptor output(ends.in.get());
  const std::string much = lines(20000, 99);
  const OutputDescriptor::Taken taken = output.write_lines(much);
  EXPECT_EQ(taken.error, EAGAIN);
  EXPECT_TRUE(taken.bytes > 0 && taken.bytes < much.size());
  EXPECT_EQ(taken.bytes % 100, size_t{0});  // whole lines
  EXPECT_EQ(output.write_lines(lines(1, 4000)).bytes, size_t{0});
  EXPECT_EQ(read_all(ends.out.get()).size(), taken.bytes);
  EXPECT_EQ(output.write_lines("after\n").error, 0);
  EXPECT_EQ(read_all(ends.out.get()), "after\n");
}

TEST("output descriptor: a pipe that nobody reads takes what fits, and nobody waits") {
  const Ends ends = blocking_pipe();
  fills_without_waiting(ends);
  EXPECT_EQ(::fcntl(ends.in.get(), F_GETFL) & O_NONBLOCK, 0);  // the others' writes may go on to block
}

TEST("output descriptor: a socket that nobody reads takes what fits, and nobody waits") {
  const Ends ends = blocking_sockets();
  fills_without_waiting(ends);
  EXPECT_EQ(::fcntl(ends.in.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST("output descriptor: a line longer than a block goes out in pieces") {
  const Ends ends = blocking_pipe();
  OutputDescriptor output(ends.in.get());
  const std::string text = lines(1, 10000) + "short\n";
  EXPECT_EQ(output.write_lines(text).bytes, text.size());
  EXPECT_EQ(read_all(ends.out.get()), text);
}

TEST("output descriptor: a reader that is gone, a disk that is full, a descriptor that is closed") {
  Ends ends = blocking_sockets();
  ends.out.reset();
  EXPECT_EQ(OutputDescriptor(ends.in.get()).write_lines("x\n").error, EPIPE);
  const base::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(OutputDescriptor(full.get()).write_lines("x\n").error, ENOSPC);
  EXPECT_EQ(OutputDescriptor(-1).write_lines("x\n").error, EBADF);
}

TEST("output descriptor: another file behind the number is noticed") {
  const Ends first = blocking_pipe();
  const Ends second = blocking_pipe();
  const base::UniqueFd shared(::fcntl(first.in.get(), F_DUPFD_CLOEXEC, 0));
  OutputDescriptor output(shared.get());
  EXPECT_EQ(output.write_lines("one\n").error, 0);
  EXPECT_TRUE(::dup3(second.in.get(), shared.get(), O_CLOEXEC) >= 0);
  EXPECT_EQ(output.write_lines("two\n").error, 0);
  EXPECT_EQ(read_all(first.out.get()), "one\n");
  EXPECT_EQ(read_all(second.out.get()), "two\n");
}

TEST("output descriptor: a pipe of another user is not opened again, and does not make anybody wait either") {
  if (::geteuid() != 0) return;  // only root can make such a pipe
  const Ends ends = blocking_pipe();
  EXPECT_EQ(::fchmod(ends.in.get(), 0), 0);
  EXPECT_EQ(::seteuid(65534), 0);
  OutputDescriptor output(ends.in.get());
  const std::string much = lines(20000, 99);
  const OutputDescriptor::Taken taken = output.write_lines(much);
  EXPECT_EQ(::seteuid(0), 0);
  EXPECT_EQ(taken.error, EAGAIN);
  EXPECT_EQ(taken.bytes % 100, size_t{0});
  EXPECT_EQ(read_all(ends.out.get()).size(), taken.bytes);
}

}  // namespace
}  // namespace tsuwsgi::test
