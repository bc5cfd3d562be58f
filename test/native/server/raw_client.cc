#include "native/server/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>

#include "base/check.h"

namespace tsuwsgi::test {
namespace {

/// A server that does not answer fails the test instead of stopping it.
constexpr int kLimitSeconds = 20;
constexpr std::string_view kLengthField = "\r\nContent-Length: ";

/// Takes one complete answer off the front; false where it is not complete.
bool take_answer(std::string_view& stream, Answer& answer) {
  const size_t end = stream.find("\r\n\r\n");
  if (end == std::string_view::npos || stream.substr(0, 9) != "HTTP/1.1 ") return false;
  answer.head = stream.substr(0, end + 2);
  answer.status = std::atoi(answer.head.c_str() + 9);
  const size_t field = answer.head.find(kLengthField);
  const size_t length =
      field == std::string::npos ? 0 : std::strtoul(&answer.head[field + kLengthField.size()], nullptr, 10);
  if (stream.size() - end - 4 < length) return false;
  answer.body = stream.substr(end + 4, length);
  stream.remove_prefix(end + 4 + length);
  return true;
}

}  // namespace

RawClient::RawClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  const timeval limit{kLimitSeconds, 0};
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  TSUWSGI_CHECK(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // refused and closed: what the server answered tells
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void RawClient::finish() { ::shutdown(socket_.get(), SHUT_WR); }

bool RawClient::read_more() {
  char block[16384];
  const ssize_t got = ::recv(socket_.get(), block, sizeof block, 0);
  if (got < 0 && errno == EAGAIN) received_ += kTimedOut;
  if (got <= 0) return false;
  received_.append(block, static_cast<size_t>(got));
  return true;
}

std::string RawClient::read_all() {
  while (read_more()) continue;
  return received_;
}

std::vector<Answer> RawClient::read_answers(size_t count) {
  while (true) {
    std::string_view rest;
    std::vector<Answer> answers = split_answers(received_, rest);
    if (answers.size() >= count || !read_more()) return answers;
  }
}

std::vector<Answer> split_answers(std::string_view stream, std::string_view& rest) {
  std::vector<Answer> answers;
  for (Answer answer; take_answer(stream, answer);) {
    if (answer.status >= 200) answers.push_back(answer);
  }
  rest = stream;
  return answers;
}

}  // namespace tsuwsgi::test
