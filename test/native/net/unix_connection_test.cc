#include "net/unix_connection.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "native/harness.h"
#include "net/unix_listener.h"

namespace tsuwsgi::test {
namespace {

/// A socket at a path of its own, as syslog has one.
struct Receiver {
  std::string path = "/tmp/tsuwsgi-datagram-" + std::to_string(::getpid());
  base::UniqueFd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  Receiver() {
    ::unlink(path.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Receiver() { ::unlink(path.c_str()); }
  std::string read() const {
    char text[256];
    const ssize_t got = ::read(fd.get(), text, sizeof text);
    return got > 0 ? std::string(text, static_cast<size_t>(got)) : std::string();
  }
};

TEST("datagram: every write is one, and a full receiver blocks nobody") {
  const Receiver receiver;
  auto sender = net::connect_unix_datagram(receiver.path);
  EXPECT_TRUE(sender.ok());
  const int fd = sender.value().get();
  EXPECT_EQ(::write(fd, "one", 3), ssize_t{3});
  EXPECT_EQ(::write(fd, "two", 3), ssize_t{3});
  EXPECT_EQ(receiver.read(), "one");
  EXPECT_EQ(receiver.read(), "two");
  int sent = 0;
  while (sent < 100000 && ::write(fd, "more", 4) == 4) ++sent;
  EXPECT_EQ(errno, EAGAIN);
}

TEST("datagram: nobody there, or a path that no socket can have") {
  EXPECT_EQ(net::connect_unix_datagram("/tmp/tsuwsgi-no-such-socket").error().code, ENOENT);
  EXPECT_EQ(net::connect_unix_datagram(std::string(200, 'x')).error().code, ENAMETOOLONG);
}

TEST("abstract stream: the name is exactly as long as it was given") {
  const std::string name = "tsuwsgi-stream-" + std::to_string(::getpid());
  auto listener = net::listen_unix({name, true}, {}, 8);
  EXPECT_TRUE(listener.ok());
  EXPECT_TRUE(net::connect_unix_stream({name, true}).ok());
  EXPECT_EQ(net::connect_unix_stream({name + std::string(1, '\0'), true}).error().code, ECONNREFUSED);
  EXPECT_EQ(net::connect_unix_stream({"", true}).error().code, ENAMETOOLONG);
}

}  // namespace
}  // namespace tsuwsgi::test
