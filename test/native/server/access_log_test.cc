#include "server/access_log.h"

#include <fcntl.h>
#include <regex.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "native/harness.h"
#include "server/connection.h"
#include "server/log_template.h"
#include "server/request.h"
#include "server/request_numbers.h"

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
  log.add(connection, request, {5000, kWall});
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
  log.add(connection, request, {1234, kWall});
  log.flush();
  const std::string line = pipe.read();
  EXPECT_TRUE(line.find("kernelMicros") == std::string::npos);
  request.kernel_us = 5000;
  log.add(connection, request, {1234, kWall});
  log.flush();
  EXPECT_TRUE(pipe.read().find(",\"kernelMicros\":5000,\"bodyMicros\":") != std::string::npos);
  EXPECT_TRUE(line.find("\"waitingMicros\":0,\"jsMicros\":0,\"writingMicros\":0}") != std::string::npos);
  EXPECT_TRUE(line.find("\"uri\":\"/\\\"\\\\\\u0001\\u00ff\"") != std::string::npos);
  EXPECT_TRUE(line.find("\"time\":\"2023-11-14T22:13:20Z\",") != std::string::npos);
  EXPECT_TRUE(line.find("\"status\":200,\"bytes\":11,\"micros\":1234,") != std::string::npos);
  EXPECT_TRUE(line.back() == '\n' && line[line.size() - 2] == '}');
}

TEST("access log: the client, user and protocol that a front server names") {
  Pipe pipe;
  server::AccessLog plain(options_for(pipe, server::LogFormat::kUwsgi), 0);
  server::AccessLog json(options_for(pipe, server::LogFormat::kJson), 0);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/");
  request.log.has_remote = true;
  request.log.remote = "192.0.2.7\"";
  request.log.remote_port = "50000";
  request.log.user = "ann";
  request.log.protocol = "HTTP/2.0";
  plain.add(connection, request, {5000, kWall});
  plain.flush();
  const std::string line = pipe.read();
  EXPECT_TRUE(line.find("] 192.0.2.7\" (ann) {30 vars") != std::string::npos);
  EXPECT_TRUE(line.find(" msecs (HTTP/2.0 200) 2 headers") != std::string::npos);
  json.add(connection, request, {5000, kWall});
  json.flush();
  EXPECT_TRUE(pipe.read().find("\"remote\":\"192.0.2.7\\\"\",\"port\":50000,") != std::string::npos);
  request.log.remote.clear();
  request.log.remote_port = "70000";
  json.add(connection, request, {5000, kWall});
  json.flush();
  EXPECT_TRUE(pipe.read().find("\"remote\":\"\",\"port\":0,") != std::string::npos);
}

std::string line_of(const server::AccessLogRules& rules, const server::Request& request) {
  Pipe pipe;
  server::ServerOptions options = options_for(pipe, server::LogFormat::kUwsgi);
  options.access_log_rules = rules;
  server::AccessLog log(options, 2);
  server::Connection connection;
  std::strcpy(connection.peer.host, "127.0.0.1");
  log.add(connection, request, {5250, kWall});
  log.flush();
  return pipe.read();
}

struct Filled : server::Request {
  Filled(uint16_t code, const std::string& target) {
    server::Connection peer;
    fill(peer, *this, target);
    status = code;
  }
};

TEST("access log: a text with variables") {
  server::AccessLogRules rules;
  rules.line_template =
      "%(addr) (%(user)) %(method) %(uri) %(var.QUERY_STRING) %(proto) %(status) %(size)=%(hsize)+%(rsize) %(msecs)ms "
      "%(micros)us %(secs) %(vars)/%(pktsize) %(headers) %(wid)/%(core) %(epoch) 100%% %(open %(nope)";
  EXPECT_EQ(line_of(rules, Filled(200, "/p?q=1")),
            "127.0.0.1 (-) GET /p?q=1 q=1 HTTP/1.1 200 91=80+11 5ms 5250us 0.005250 30/400 2 3/2 1700000000 100%% -\n");
  rules.line_template = "plain";
  EXPECT_EQ(line_of(rules, Filled(200, "/")), "plain\n");
  rules.line_template = "%(ftime)|%(unclosed";
  rules.time_format = "<%%>";
  EXPECT_EQ(line_of(rules, Filled(200, "/")), "<%>|%(unclosed\n");
}

TEST("access log: the id that the application has for the request: process, loop with slot, generation") {
  server::AccessLogRules rules;
  rules.line_template = "%(pid) %(request_id)";
  Filled request(200, "/");
  request.slot = 5;
  request.generation = 7;
  const std::string pid = std::to_string(::getpid());
  EXPECT_EQ(line_of(rules, request), pid + ' ' + pid + '-' + std::to_string((2U << 24) + 5) + "-7\n");
}

TEST("access log: variables of the request, which cannot break the line") {
  server::AccessLogRules rules;
  rules.line_template = "%(uagent)|%(var.HTTP_X_A)|%(uagent)|%(cl)";
  const server::LogTemplate text(rules.line_template);
  EXPECT_EQ(text.fields().size(), size_t{3});
  EXPECT_EQ(text.fields()[0], "HTTP_USER_AGENT");
  Filled request(200, "/");
  request.log.fields = {"curl\n[pid: 1]", "", "7"};
  EXPECT_EQ(line_of(rules, request), "curl?[pid: 1]|-|curl?[pid: 1]|7\n");
  request.log.fields = {"", "", ""};
  EXPECT_EQ(line_of(rules, request), "-|-|-|0\n");
}

TEST("access log: the first address of X-Forwarded-For") {
  server::ServerOptions options;
  options.access_log_rules.forwarded_for = true;
  server::AccessLog log(options, 0);
  EXPECT_EQ(log.wanted_fields().size(), size_t{1});
  server::Request request;
  for (const char* absent : {"", "  ", ", 2.2.2.2"}) {
    request.log.fields = {absent};
    log.note_forwarded(request);
    EXPECT_FALSE(request.log.has_remote);
  }
  request.log.fields = {" 1.1.1.1 , 2.2.2.2"};
  log.note_forwarded(request);
  EXPECT_TRUE(request.log.has_remote);
  EXPECT_EQ(request.log.remote, "1.1.1.1");
}

TEST("access log: only what is asked for") {
  server::AccessLogRules rules;
  rules.selective = true;
  const auto logs = [&rules](const server::Request& request) { return !line_of(rules, request).empty(); };
  EXPECT_FALSE(logs(Filled(200, "/")));
  EXPECT_FALSE(logs(Filled(500, "/")));
  rules.status_5xx = true;
  EXPECT_TRUE(logs(Filled(500, "/")));
  EXPECT_FALSE(logs(Filled(404, "/")));
  rules.status_4xx = true;
  EXPECT_TRUE(logs(Filled(404, "/")));
  rules.slow_ms = 6;
  EXPECT_FALSE(logs(Filled(200, "/")));
  rules.slow_ms = 5;
  EXPECT_TRUE(logs(Filled(200, "/")));
  rules.slow_ms = 0;
  rules.big_bytes = 92;
  EXPECT_FALSE(logs(Filled(200, "/")));
  rules.big_bytes = 91;
  EXPECT_TRUE(logs(Filled(200, "/")));
  rules.big_bytes = 0;
  rules.zero = true;
  EXPECT_FALSE(logs(Filled(200, "/")));
  Filled empty(200, "/");
  empty.sent_body = 0;
  EXPECT_TRUE(logs(empty));
}

TEST("access log: an answer that did not get through, and a file that the kernel sent") {
  server::AccessLogRules rules;
  rules.selective = true;
  Filled request(200, "/");
  EXPECT_EQ(line_of(rules, request), "");
  rules.io_error = rules.sendfile = true;
  EXPECT_EQ(line_of(rules, request), "");
  request.sent_file = true;
  EXPECT_TRUE(line_of(rules, request).find(" in 5 msecs via sendfile() (HTTP/1.1 200)") != std::string::npos);
  request.sent_file = false;
  request.given_up = true;
  rules.line_template = "%(werr) %(rerr) %(ioerr)";
  EXPECT_EQ(line_of(rules, request), "1 0 1\n");
  request.given_up_for = server::AbortReason::kBadBody;
  EXPECT_EQ(line_of(rules, request), "0 1 1\n");
}

TEST("access log: where the time went") {
  server::AccessLogRules rules;
  rules.line_template = "%(kernelmicros) %(bodymicros) %(waitmicros) %(jsmicros) %(writemicros)";
  Filled request(200, "/");
  request.arrived_us = 1000;
  request.handed_over_us = 1100;
  request.begun_us = 1300;
  request.answered_us = 2000;
  EXPECT_EQ(line_of(rules, request), "- 100 200 700 3250\n");
  request.kernel_us = 2000;
  EXPECT_EQ(line_of(rules, request), "2000 100 200 700 3250\n");
}

TEST("access log: numbers of this worker's and of all workers' requests") {
  server::RequestNumbers numbers;
  EXPECT_EQ(numbers.next(true), uint64_t{1});
  EXPECT_EQ(numbers.next(false), uint64_t{2});
  EXPECT_EQ(numbers.others(), uint64_t{0});
  alignas(base::kCacheLine) std::array<unsigned char, sizeof(base::WorkerHeader)> memory{};
  const base::WorkerRow row(memory.data(), 0);
  numbers.look_at(row);
  row.header().cells[base::WorkerHeader::kOtherRequests].store(100);
  EXPECT_EQ(numbers.others(), uint64_t{100});
}

TEST("access log: memory and microseconds in the usual line") {
  server::AccessLogRules rules;
  rules.memory = rules.micros = true;
  EXPECT_TRUE(
      has_shape(line_of(rules, Filled(200, "/")),
                "^\\{address space usage: [1-9][0-9]+ bytes/[0-9]+MB\\} \\{rss usage: [1-9][0-9]+ bytes/[0-9]+MB\\} "
                "\\[pid: .* in 5250 micros \\(HTTP/1\\.1 200\\)"));
}

TEST("access log: a pipe that nobody reads blocks nothing, costs bounded memory, and keeps whole lines") {
  Pipe pipe;
  server::AccessLog log(options_for(pipe, server::LogFormat::kUwsgi), 0);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/" + std::string(300, 't'));
  for (int i = 0; i < 6000; ++i) {
    log.add(connection, request, {1000, kWall});
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
  EXPECT_TRUE(rest.find(std::to_string(log.dropped()) + " request lines were dropped") != std::string::npos);
}

TEST("access log: what waits at the end is lost, and counted") {
  Pipe pipe;
  server::AccessLog log(options_for(pipe, server::LogFormat::kUwsgi), 0);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/" + std::string(300, 't'));
  uint64_t added = 0;
  while (log.refused_bytes() == 0) {
    log.add(connection, request, {1000, kWall});
    log.flush();
    ++added;
  }
  log.close();
  const std::string taken = pipe.read();
  EXPECT_EQ(static_cast<uint64_t>(std::count(taken.begin(), taken.end(), '\n')) + log.dropped(), added);
  EXPECT_TRUE(log.dropped() > 0);
  EXPECT_FALSE(log.pending());
}

TEST("access log: lines longer than a block are written too") {
  Pipe pipe;
  server::AccessLog log(options_for(pipe, server::LogFormat::kJson), 0);
  server::Connection connection;
  server::Request request;
  fill(connection, request, "/" + std::string(5000, '\x80'));
  log.add(connection, request, {1000, kWall});
  log.flush();
  const std::string line = pipe.read();
  EXPECT_TRUE(line.size() > 12000 && line.back() == '\n');
  EXPECT_FALSE(log.pending());
}

}  // namespace
}  // namespace tsuwsgi::test
