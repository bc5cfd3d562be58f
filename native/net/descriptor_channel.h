#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "base/unique_fd.h"

namespace tsuwsgi::net {

/// A one-way channel for descriptors: a pair of UNIX SOCK_SEQPACKET sockets. What was sent and not yet received is in
/// the kernel's hands, whatever becomes of the process that sent it, as long as somebody holds both ends.
struct DescriptorChannel {
  base::UniqueFd sender;
  base::UniqueFd receiver;
};

/// Both ends are non-blocking and close-on-exec. Errors: what socketpair said.
base::Result<DescriptorChannel> make_descriptor_channel();

enum class SendState : uint8_t {
  kSent,     ///< the message holds a reference of its own: the caller closes its descriptor
  kFull,     ///< nothing now; the sender becomes writable when somebody receives
  kRefused,  ///< the message is too large, or nobody can ever receive it
};

/// Sends one descriptor and what is to be known of it as one message.
SendState send_descriptor(int sender, int fd, std::string_view facts, std::string_view bytes);

enum class ReceiveState : uint8_t {
  kReceived,
  kEmpty,
  kNoDescriptors,  ///< the process has no descriptor left: the message stays where it is
  kMalformed,  ///< not one descriptor, or more bytes than the buffer holds: the message is gone, what it held is closed
  kBroken,     ///< the channel is over
};
struct ReceivedDescriptor {
  ReceiveState state = ReceiveState::kEmpty;
  base::UniqueFd fd;  ///< close-on-exec
  size_t bytes = 0;   ///< of the buffer
};

/// Takes one message.
ReceivedDescriptor receive_descriptor(int receiver, char* buffer, size_t size);

}  // namespace tsuwsgi::net
