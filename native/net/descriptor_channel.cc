#include "net/descriptor_channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/interruption.h"

namespace tsuwsgi::net {

namespace {

/// Asked for; the kernel gives what net.core.wmem_max allows. The default holds some hundred connections.
constexpr int kBufferBytes = 4 << 20;
/// Descriptors that one message of somebody else could bring: all of them have to be found and closed.
constexpr size_t kMostDescriptors = 16;

/// Out of descriptors the kernel would drop what a message holds. Others of the process may take the last one in
/// between; there is no way to ask the kernel for both at once.
bool has_room_for_one(int fd) {
  const base::UniqueFd probe(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return probe.valid();
}

/// Closes every descriptor of the message but the first one, which is returned; `count` tells how many there were.
base::UniqueFd first_descriptor(msghdr& message, size_t& count) {
  base::UniqueFd first;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t held = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < held; ++i, ++count) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      if (count == 0) {
        first.reset(fd);
      } else {
        base::UniqueFd(fd).reset();
      }
    }
  }
  return first;
}

}  // namespace

base::Result<DescriptorChannel> make_descriptor_channel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    return base::SystemError{errno, "socketpair"};
  }
  ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
  DescriptorChannel channel;
  channel.sender.reset(ends[0]);
  channel.receiver.reset(ends[1]);
  return channel;
}

SendState send_descriptor(int sender, int fd, std::string_view facts, std::string_view bytes) {
  iovec parts[2] = {{const_cast<char*>(facts.data()), facts.size()}, {const_cast<char*>(bytes.data()), bytes.size()}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
  const auto send = [&] { return ::sendmsg(sender, &message, MSG_NOSIGNAL | MSG_DONTWAIT); };
  if (base::without_interruption(send) >= 0) return SendState::kSent;
  // ETOOMANYREFS: the user has as many descriptors under way as the limit of open files.
  const bool full = errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM || errno == ETOOMANYREFS;
  return full ? SendState::kFull : SendState::kRefused;
}

ReceivedDescriptor receive_descriptor(int receiver, char* buffer, size_t size) {
  ReceivedDescriptor result;
  if (!has_room_for_one(receiver)) {
    result.state = ReceiveState::kNoDescriptors;
    return result;
  }
  iovec part{buffer, size};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got =
      base::without_interruption([&] { return ::recvmsg(receiver, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
  if (got < 0) {
    result.state = errno == EAGAIN || errno == ENOMEM ? ReceiveState::kEmpty : ReceiveState::kBroken;
    return result;
  }
  size_t count = 0;
  result.fd = first_descriptor(message, count);
  result.bytes = static_cast<size_t>(got);
  const bool whole = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
  if (got == 0 && count == 0 && whole) {
    result.state = ReceiveState::kBroken;
  } else {
    result.state = whole && count == 1 ? ReceiveState::kReceived : ReceiveState::kMalformed;
  }
  if (result.state != ReceiveState::kReceived) result.fd.reset();
  return result;
}

}  // namespace tsuwsgi::net
