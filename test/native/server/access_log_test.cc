#include "server/access_log.h"

#include <fcntl.h>
#include <regex.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "native/harness.h"
#include "server/connection.h"
#include "server/request.h"

namespace tsuwsgi::test {
namespace {

constexpr int64_t kWall = 1700000000;

struct Pipe {
  base::UniqueFd out;
  base::UniqueFd in;
  Pipe() {
    int fds[2] = {-1, -1};
    EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    out.reset(fds[0]);
    in.reset(fds[1]);
    ::fcntl(out.get(), F_SETFL, O_NONBLOCK);  // the writing end blocks, as a shared standard output does
  }
  std::string read() {
    std::string all;
    char block[4096];
    for (ssize_t got = 0; (got = ::read(out.get(), block, sizeof block)) > 0;)
      all.append(block, static_cast<size_t>(got));
    return all;
  }
};

server::ServerOptions options_for(const Pipe& pipe, server::LogFormat format) {
  server::ServerOptions options;
  options.access_log_fd = pipe.in.get();
  options.access_log_format = format;
  options.worker_id = 3;
  return options;
}

void fill(server::Connection& connection, server::Request& request, const std::string& target) {
  std::strcpy(connection.peer.host, "127.0.0.1");
  connection.peer.port = 4711;
  request.log.method = "GET";
  request.log.target = target;
  request.log.vars = 30;
  request.log.vars_bytes = 400;
  request.status = 200;
  request.fields = 2;
  request.head_bytes = 80;
  request.sent_body = 11;
}

bool has_shape(const std::string& text, const char* pattern) {
  regex_t expression;
  if (::regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool matches = ::regexec(&expression, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&expression);
  return matches;
}

TEST("access log: uWSGI's line") {
  Pipe pipe;
  server::AccessLog log(options_for(pipe, server::LogFormat::kUwsgi), 2);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/path?q=1");
  log.add(connection, request, 5000, kWall);
  log.flush_if_due(50);
  EXPECT_EQ(pipe.read(), "");
  log.flush_if_due(105);
  const std::string line = pipe.read();
  EXPECT_TRUE(has_shape(line,
                        "^\\[pid: [0-9]+\\|app: 0\\|req: 1/1\\] 127\\.0\\.0\\.1 \\(\\) \\{30 vars in 400 bytes\\} "
                        "\\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} 2023\\] GET /path\\?q=1 => "
                        "generated 11 bytes in 5 msecs \\(HTTP/1\\.1 200\\) 2 headers in 80 bytes "
                        "\\(1 switches on core 2\\)\n$"));
  EXPECT_FALSE(log.pending());
}

TEST("access log: JSON, with what could break it escaped") {
  Pipe pipe;
  server::AccessLog log(options_for(pipe, server::LogFormat::kJson), 0);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/\"\\\x01\xff");
  log.add(connection, request, 1234, kWall);
  log.flush();
  const std::string line = pipe.read();
  EXPECT_TRUE(line.find("\"uri\":\"/\\\"\\\\\\u0001\\u00ff\"") != std::string::npos);
  EXPECT_TRUE(line.find("\"time\":\"2023-11-14T22:13:20Z\",") != std::string::npos);
  EXPECT_TRUE(line.find("\"status\":200,\"bytes\":11,\"micros\":1234,") != std::string::npos);
  EXPECT_TRUE(line.back() == '\n' && line[line.size() - 2] == '}');
}

TEST("access log: a pipe that nobody reads blocks nothing, costs bounded memory, and keeps whole lines") {
  Pipe pipe;
  server::AccessLog log(options_for(pipe, server::LogFormat::kUwsgi), 0);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/" + std::string(300, 't'));
  for (int i = 0; i < 6000; ++i) {
    log.add(connection, request, 1000, kWall);
    log.flush_if_due(i);
  }
  EXPECT_TRUE(log.dropped() > 0);
  EXPECT_TRUE(log.pending());
  const std::string first = pipe.read();
  EXPECT_TRUE(!first.empty() && first.back() == '\n');
  std::string rest;
  while (log.pending()) {
    log.flush();
    rest += pipe.read();
  }
  EXPECT_EQ(rest.substr(0, 6), "[pid: ");
  log.add(connection, request, 1000, kWall);
  log.flush();
  EXPECT_TRUE(pipe.read().find(std::to_string(log.dropped()) + " request lines were dropped") != std::string::npos);
}

TEST("access log: lines longer than a block are written too") {
  Pipe pipe;
  server::AccessLog log(options_for(pipe, server::LogFormat::kJson), 0);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/" + std::string(5000, '\x80'));
  log.add(connection, request, 1000, kWall);
  log.flush();
  const std::string line = pipe.read();
  EXPECT_TRUE(line.size() > 12000 && line.back() == '\n');
  EXPECT_FALSE(log.pending());
}

}  // namespace
}  // namespace tsuwsgi::test
