#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "native/harness.h"
#include "native/server/loop_fixture.h"
#include "net/descriptor_channel.h"

namespace tsuwsgi::test {
namespace {

using net::ReceiveState;
using net::SendState;

net::DescriptorChannel open_channel() { return std::move(net::make_descriptor_channel().value()); }

base::UniqueFd some_descriptor() { return base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

/// What somebody else could write into the channel.
void send_raw(int fd, const std::string& bytes, const std::vector<int>& descriptors) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  std::vector<char> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  EXPECT_EQ(::sendmsg(fd, &message, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

TEST("descriptor channel: a descriptor arrives with its bytes, close-on-exec") {
  const net::DescriptorChannel channel = open_channel();
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  base::UniqueFd reader(ends[0]);
  base::UniqueFd writer(ends[1]);
  EXPECT_EQ(net::send_descriptor(channel.sender.get(), writer.get(), "facts ", "and bytes"), SendState::kSent);
  writer.reset();
  char buffer[64];
  net::ReceivedDescriptor received = net::receive_descriptor(channel.receiver.get(), buffer, sizeof buffer);
  EXPECT_EQ(received.state, ReceiveState::kReceived);
  EXPECT_EQ(std::string(buffer, received.bytes), "facts and bytes");
  EXPECT_TRUE((::fcntl(received.fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  EXPECT_EQ(::write(received.fd.get(), "x", 1), ssize_t{1});
  EXPECT_EQ(::read(reader.get(), buffer, 1), ssize_t{1});
  EXPECT_EQ(net::receive_descriptor(channel.receiver.get(), buffer, sizeof buffer).state, ReceiveState::kEmpty);
}

TEST("descriptor channel: both ends are close-on-exec and never block") {
  const net::DescriptorChannel channel = open_channel();
  for (const int fd : {channel.sender.get(), channel.receiver.get()}) {
    EXPECT_TRUE((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    EXPECT_TRUE((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  }
}

TEST("descriptor channel: what is under way survives its sender, in order") {
  net::DescriptorChannel channel = open_channel();
  const int sender = ::fcntl(channel.sender.get(), F_DUPFD_CLOEXEC, 0);
  const base::UniqueFd fd = some_descriptor();
  EXPECT_EQ(net::send_descriptor(sender, fd.get(), "1", ""), SendState::kSent);
  EXPECT_EQ(net::send_descriptor(sender, fd.get(), "2", ""), SendState::kSent);
  ::close(sender);
  char buffer[8];
  for (const char* expected : {"1", "2"}) {
    const net::ReceivedDescriptor received = net::receive_descriptor(channel.receiver.get(), buffer, sizeof buffer);
    EXPECT_EQ(std::string(buffer, received.bytes), expected);
  }
}

TEST("descriptor channel: a full channel says so, and has room again when somebody receives") {
  const net::DescriptorChannel channel = open_channel();
  const base::UniqueFd fd = some_descriptor();
  const std::string bytes(8192, 'x');
  size_t sent = 0;
  SendState state = SendState::kSent;
  while (sent < 100000 &&
         (state = net::send_descriptor(channel.sender.get(), fd.get(), "", bytes)) == SendState::kSent) {
    ++sent;
  }
  EXPECT_EQ(state, SendState::kFull);
  EXPECT_TRUE(sent > 10);
  std::vector<char> buffer(bytes.size());
  for (size_t i = 0; i < sent; ++i) {
    EXPECT_EQ(net::receive_descriptor(channel.receiver.get(), buffer.data(), buffer.size()).state,
              ReceiveState::kReceived);
  }
  EXPECT_EQ(net::send_descriptor(channel.sender.get(), fd.get(), "", bytes), SendState::kSent);
}

TEST("descriptor channel: a message that is too large is refused, and one without readers") {
  net::DescriptorChannel channel = open_channel();
  const base::UniqueFd fd = some_descriptor();
  const std::string bytes(64 << 20, 'x');
  EXPECT_EQ(net::send_descriptor(channel.sender.get(), fd.get(), "", bytes), SendState::kRefused);
  channel.receiver.reset();
  EXPECT_EQ(net::send_descriptor(channel.sender.get(), fd.get(), "a", ""), SendState::kRefused);
}

TEST("descriptor channel: messages of another shape are dropped, with everything they hold") {
  const net::DescriptorChannel channel = open_channel();
  const base::UniqueFd fd = some_descriptor();
  const size_t before = open_descriptors();
  const int one = fd.get();
  send_raw(channel.sender.get(), "none", {});
  send_raw(channel.sender.get(), "two", {one, one});
  send_raw(channel.sender.get(), "many", std::vector<int>(40, one));
  send_raw(channel.sender.get(), "longer than the buffer", {one});
  char buffer[8];
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(net::receive_descriptor(channel.receiver.get(), buffer, sizeof buffer).state, ReceiveState::kMalformed);
  }
  EXPECT_EQ(net::receive_descriptor(channel.receiver.get(), buffer, sizeof buffer).state, ReceiveState::kEmpty);
  EXPECT_EQ(open_descriptors(), before);
}

TEST("descriptor channel: without a free descriptor the message stays where it is") {
  const net::DescriptorChannel channel = open_channel();
  const base::UniqueFd fd = some_descriptor();
  EXPECT_EQ(net::send_descriptor(channel.sender.get(), fd.get(), "kept", ""), SendState::kSent);
  rlimit limit{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit none = limit;
  none.rlim_cur = 3;
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  char buffer[8];
  const ReceiveState without = net::receive_descriptor(channel.receiver.get(), buffer, sizeof buffer).state;
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(without, ReceiveState::kNoDescriptors);
  EXPECT_EQ(net::receive_descriptor(channel.receiver.get(), buffer, sizeof buffer).state, ReceiveState::kReceived);
}

}  // namespace
}  // namespace tsuwsgi::test
