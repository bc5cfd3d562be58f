#include "net/listen_backlog.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstring>

#include "base/unique_fd.h"

namespace tsuwsgi::net {

namespace {

/// Of a listening socket, Linux tells the length of its accept queue where other sockets have unacknowledged segments.
std::optional<unsigned> tcp_backlog(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_state != TCP_LISTEN) return std::nullopt;
  return info.tcpi_unacked;
}

struct Question {
  nlmsghdr header;
  unix_diag_req request;
};

/// sock_diag(7), for the one socket with this inode.
bool ask(int netlink, ino_t inode) {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.request.sdiag_family = AF_UNIX;
  question.request.udiag_states = 1U << TCP_LISTEN;
  question.request.udiag_ino = static_cast<uint32_t>(inode);
  question.request.udiag_show = UDIAG_SHOW_RQLEN;
  question.request.udiag_cookie[0] = question.request.udiag_cookie[1] = ~0U;
  return ::send(netlink, &question, sizeof question, 0) == static_cast<ssize_t>(sizeof question);
}

/// The attributes of the answer, one behind the other, each padded to four bytes.
std::optional<unsigned> queue_length(const char* bytes, size_t size) {
  size_t at = NLMSG_LENGTH(sizeof(unix_diag_msg));
  while (at + sizeof(nlattr) <= size) {
    nlattr attribute{};
    std::memcpy(&attribute, bytes + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > size) break;
    unix_diag_rqlen lengths{};
    if (attribute.nla_type == UNIX_DIAG_RQLEN && attribute.nla_len >= sizeof attribute + sizeof lengths) {
      std::memcpy(&lengths, bytes + at + sizeof attribute, sizeof lengths);
      return lengths.udiag_rqueue;
    }
    at += NLA_ALIGN(attribute.nla_len);
  }
  return std::nullopt;
}

std::optional<unsigned> unix_backlog(int fd) {
  struct stat facts {};
  const base::UniqueFd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink.valid() || ::fstat(fd, &facts) != 0 || !ask(netlink.get(), facts.st_ino)) return std::nullopt;
  alignas(nlmsghdr) char answer[512];
  // The kernel has answered when `send` returns.
  const ssize_t size = ::recv(netlink.get(), answer, sizeof answer, MSG_DONTWAIT);
  nlmsghdr header{};
  if (size < static_cast<ssize_t>(sizeof header)) return std::nullopt;
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || header.nlmsg_len > static_cast<size_t>(size)) return std::nullopt;
  return queue_length(answer, header.nlmsg_len);
}

}  // namespace

std::optional<unsigned> listen_backlog(int fd) {
  int family = AF_UNSPEC;
  socklen_t size = sizeof family;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return std::nullopt;
  return family == AF_UNIX ? unix_backlog(fd) : tcp_backlog(fd);
}

}  // namespace tsuwsgi::net
