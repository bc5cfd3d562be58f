#include "server/log_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "server/connection.h"
#include "server/request.h"

namespace tsuwsgi::server {

namespace {

/// Long texts of clients are cut, so that one cannot fill the log.
constexpr size_t kMaxTextBytes = 2048;
constexpr uint64_t kMegabyte = 1024 * 1024;

std::string_view cut(const std::string& text) { return std::string_view(text).substr(0, kMaxTextBytes); }

/// What would end the line, or move a terminal's cursor, does not enter the log.
void append_safely(std::string& out, std::string_view text) {
  if (text.empty()) {
    out += '-';
    return;
  }
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
}

void append_number(std::string& out, uint64_t value) { out += std::to_string(value); }

void append_time(std::string& out, const char* format, int64_t seconds) {
  char text[256];
  const auto time = static_cast<time_t>(seconds);
  tm parts{};
  ::localtime_r(&time, &parts);
  out.append(text, std::strftime(text, sizeof text, format, &parts));
}

int64_t start_seconds(const LogLine& line) { return (base::wall_us() - line.took_us) / 1000000; }

std::string_view query_of(const Request& request) {
  const std::string_view target = cut(request.log.target);
  const size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

constexpr const char* kCtime = "%a %b %e %H:%M:%S %Y";
constexpr const char* kLtime = "%d/%b/%Y:%H:%M:%S %z";

void append_seconds(std::string& out, int64_t micros) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%06lld", static_cast<long long>(micros / 1000000),
                static_cast<long long>(micros % 1000000));
  out += text;
}

/// Variables that are times; false for all others.
bool append_when(std::string& out, LogVariable variable, const LogLine& line) {
  switch (variable) {
    case LogVariable::kMicros:
      append_number(out, static_cast<uint64_t>(line.took_us));
      return true;
    case LogVariable::kMsecs:
      append_number(out, static_cast<uint64_t>(line.took_us / 1000));
      return true;
    case LogVariable::kSeconds:
      append_seconds(out, line.took_us);
      return true;
    case LogVariable::kTime:
      append_number(out, static_cast<uint64_t>(start_seconds(line)));
      return true;
    case LogVariable::kTimeMsecs:
      append_number(out, static_cast<uint64_t>((base::wall_us() - line.took_us) / 1000));
      return true;
    case LogVariable::kTimeMicros:
      append_number(out, static_cast<uint64_t>(base::wall_us() - line.took_us));
      return true;
    case LogVariable::kCtime:
      append_time(out, kCtime, start_seconds(line));
      return true;
    case LogVariable::kLtime:
      append_time(out, kLtime, start_seconds(line));
      return true;
    case LogVariable::kFtime:
      append_time(out, line.time_format.empty() ? kLtime : line.time_format.c_str(), start_seconds(line));
      return true;
    case LogVariable::kEpoch:
      append_number(out, static_cast<uint64_t>(line.wall_seconds));
      return true;
    default:
      return false;
  }
}

/// Variables that are parts of the request's time, in microseconds; a dash for what is not known.
bool append_span(std::string& out, LogVariable variable, const RequestTimes& times) {
  int64_t span = 0;
  switch (variable) {
    case LogVariable::kKernelMicros:
      span = times.kernel_us;
      break;
    case LogVariable::kBodyMicros:
      span = times.body_us;
      break;
    case LogVariable::kWaitingMicros:
      span = times.waiting_us;
      break;
    case LogVariable::kJavascriptMicros:
      span = times.javascript_us;
      break;
    case LogVariable::kWritingMicros:
      span = times.writing_us;
      break;
    default:
      return false;
  }
  if (span < 0) {
    out += '-';
  } else {
    append_number(out, static_cast<uint64_t>(span));
  }
  return true;
}

/// The peer was at fault while it sent its request, not while it was to take its answer.
bool failed_reading(const Request& request) {
  return request.given_up &&
         (request.given_up_for == AbortReason::kTimeout || request.given_up_for == AbortReason::kBadBody ||
          request.given_up_for == AbortReason::kBodyTooLarge);
}

uint64_t number_of(LogVariable variable, const LogLine& line) {
  const Request& request = line.request;
  switch (variable) {
    case LogVariable::kStatus:
      return request.status;
    case LogVariable::kSize:
      return request.sent_body + request.head_bytes;
    case LogVariable::kBodySize:
      return request.sent_body;
    case LogVariable::kHeadSize:
      return request.head_bytes;
    case LogVariable::kPacketSize:
      return request.log.vars_bytes;
    case LogVariable::kPid:
      return static_cast<uint64_t>(line.pid);
    case LogVariable::kWorker:
      return line.worker;
    case LogVariable::kCore:
      return line.loop;
    case LogVariable::kReadErrors:
      return failed_reading(request) ? 1 : 0;
    case LogVariable::kWriteErrors:
      return request.given_up && !failed_reading(request) ? 1 : 0;
    case LogVariable::kErrors:
      return request.given_up ? 1 : 0;
    case LogVariable::kSwitches:
      return 1;
    case LogVariable::kVars:
      return request.log.vars;
    case LogVariable::kHeaders:
      return request.fields;
    case LogVariable::kRss:
      return line.memory.resident_bytes();
    case LogVariable::kVsz:
      return line.memory.address_space_bytes();
    case LogVariable::kRssMegabytes:
      return line.memory.resident_bytes() / kMegabyte;
    case LogVariable::kVszMegabytes:
      return line.memory.address_space_bytes() / kMegabyte;
    default:
      return 0;
  }
}

}  // namespace

void ProcessMemory::update(int64_t wall_seconds) {
  if (read_at_ == wall_seconds) return;
  read_at_ = wall_seconds;
  const base::UniqueFd file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[128] = {};
  if (!file.valid() || ::read(file.get(), text, sizeof text - 1) <= 0) return;
  unsigned long long total = 0;
  unsigned long long resident = 0;
  if (std::sscanf(text, "%llu %llu", &total, &resident) != 2) return;
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  total_ = total * page;
  resident_ = resident * page;
}

std::string_view remote_of(const Connection& connection, const Request& request) {
  return request.log.has_remote ? cut(request.log.remote) : std::string_view(connection.peer.host);
}

unsigned port_of(const Connection& connection, const Request& request) {
  if (!request.log.has_remote) return connection.peer.port;
  uint16_t port = 0;
  const std::string& text = request.log.remote_port;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

std::string_view protocol_of(const Request& request) {
  if (!request.log.protocol.empty()) return cut(request.log.protocol);
  return request.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

const char* why_given_up(const Request& request) {
  switch (request.given_up_for) {
    case AbortReason::kNone:
      return "application";
    case AbortReason::kClient:
      return "client";
    case AbortReason::kTimeout:
      return "body-timeout";
    case AbortReason::kSendTimeout:
      return "send-timeout";
    case AbortReason::kDeadline:
      return "deadline";
    case AbortReason::kDraining:
      return "draining";
    case AbortReason::kShutdown:
      return "shutdown";
    case AbortReason::kBadBody:
      return "bad-body";
    case AbortReason::kBodyTooLarge:
      return "body-too-large";
  }
  return "unknown";
}

namespace {
void append_field(std::string& out, const LogPart& part, const Request& request) {
  const auto& fields = request.log.fields;
  const std::string_view value = part.field < fields.size() ? cut(fields[part.field]) : std::string_view();
  append_safely(out, value.empty() ? std::string_view(part.text) : value);
}
}  // namespace

void append_request_id(std::string& out, const LogLine& line) {
  append_number(out, static_cast<uint64_t>(line.pid));
  out += '-';
  append_number(out, line.request.handle(line.loop));
  out += '-';
  append_number(out, line.request.generation);
}

void append_part(std::string& out, const LogPart& part, const LogLine& line) {
  const Request& request = line.request;
  switch (part.variable) {
    case LogVariable::kText:
      out += part.text;
      return;
    case LogVariable::kNothing:
      out += '-';
      return;
    case LogVariable::kField:
      return append_field(out, part, request);
    case LogVariable::kUri:
      return append_safely(out, cut(request.log.target));
    case LogVariable::kQuery:
      return append_safely(out, query_of(request));
    case LogVariable::kRequestId:
      return append_request_id(out, line);
    case LogVariable::kMethod:
      return append_safely(out, request.log.method);
    case LogVariable::kUser:
      return append_safely(out, cut(request.log.user));
    case LogVariable::kAddress:
      return append_safely(out, remote_of(line.connection, request));
    case LogVariable::kProtocol:
      return append_safely(out, protocol_of(request));
    default:
      if (append_when(out, part.variable, line) || append_span(out, part.variable, line.times)) return;
      append_number(out, number_of(part.variable, line));
  }
}

}  // namespace tsuwsgi::server
