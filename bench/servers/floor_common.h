// What both floors share: the socket they listen on and the constant they send.
#ifndef TSUWSGI_BENCH_FLOOR_COMMON_H_
#define TSUWSGI_BENCH_FLOOR_COMMON_H_

#include <arpa/inet.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>
#include <string>

inline int listen_on(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 1024) != 0) return -1;
  return fd;
}

inline std::string make_answer(const char* body_file, const std::string& content_type, const char* connection) {
  std::ifstream file(body_file, std::ios::binary);
  const std::string body((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::string head = "HTTP/1.1 200 OK\r\nContent-Type: " + content_type + "\r\n";
  head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  head += "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: ";
  return head + connection + "\r\n\r\n" + body;
}

#endif  // TSUWSGI_BENCH_FLOOR_COMMON_H_
