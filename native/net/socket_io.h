#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "base/unique_fd.h"

namespace tsuwsgi::net {

/// What a non-blocking transfer did. EINTR is folded in.
enum class IoState : uint8_t {
  kOk,       ///< `bytes` were moved
  kBlocked,  ///< nothing now (EAGAIN)
  kEof,      ///< the peer will send nothing more (read), or the file ended early (send_file)
  kBroken,   ///< the connection is gone, or the file cannot be read
};
struct IoResult {
  IoState state = IoState::kBroken;
  size_t bytes = 0;
};

IoResult receive(int fd, char* buffer, size_t size);
IoResult send_bytes(int fd, const char* bytes, size_t size);
IoResult send_vector(int fd, const iovec* parts, size_t count);
/// Moves file bytes to a socket inside the kernel and advances `offset`.
IoResult send_file(int socket, int file, uint64_t& offset, uint64_t size);

/// Bytes that the kernel has taken for sending and the peer has not acknowledged.
uint64_t unacknowledged_bytes(int fd);

/// How long the last bytes that arrived on a TCP connection have been there, as exactly as the kernel knows it (its
/// timer's period, 1 to 10 ms); -1 where it does not know.
int64_t unread_for_us(int fd);

void shutdown_write(int fd);
/// The next close sends RST: nothing that is queued will arrive.
void reset_on_close(int fd);

/// Numeric name of a peer. UNIX sockets: empty host.
struct PeerName {
  char host[48] = {};
  uint16_t port = 0;
};
PeerName peer_name(const sockaddr_storage& address);

enum class AcceptState : uint8_t {
  kOk,
  kEmpty,       ///< nothing is waiting
  kNoResource,  ///< EMFILE, ENFILE, ENOBUFS, ENOMEM: try again later
  kTransient,   ///< this connection is gone already; go on with the next
};
struct AcceptResult {
  AcceptState state = AcceptState::kEmpty;
  int error = 0;
  base::UniqueFd fd;
  PeerName peer;
};
AcceptResult accept_connection(int listener);

}  // namespace tsuwsgi::net
