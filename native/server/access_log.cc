#include "server/access_log.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <utility>

#include "server/connection.h"
#include "server/request.h"

namespace tsuwsgi::server {

namespace {

constexpr size_t kBlockBytes = 32 * 1024;
constexpr size_t kMaxBufferedBytes = 1024 * 1024;
constexpr int64_t kMaxAgeMs = 100;
constexpr int64_t kRetryMs = 20;

/// Long targets are cut, so that one client cannot fill the log.
constexpr size_t kMaxTargetBytes = 2048;

constexpr unsigned kMegabyteShift = 20;
constexpr const char* kForwardedFor = "HTTP_X_FORWARDED_FOR";

std::string_view cut(const std::string& text) { return std::string_view(text).substr(0, kMaxTargetBytes); }

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

template <class... Values>
void append_format(std::string& out, const char* format, Values... values) {
  char text[256];
  const int length = std::snprintf(text, sizeof text, format, values...);
  out.append(text, std::min<size_t>(static_cast<size_t>(std::max(length, 0)), sizeof text - 1));
}

}  // namespace

AccessLog::AccessLog(const ServerOptions& options, uint32_t loop)
    : output_(options.access_log_fd),
      format_(options.access_log_format),
      rules_(options.access_log_rules),
      template_(options.access_log_rules.line_template),
      wanted_(template_.fields()),
      worker_(options.worker_id),
      loop_(loop),
      pid_(static_cast<int>(::getpid())) {
  if (rules_.forwarded_for) wanted_.emplace_back(kForwardedFor);
}

void AccessLog::add(const Connection& connection, const Request& request, const LogMoment& moment) {
  const int64_t took_us = moment.now_us - request.arrived_us;
  if (!selects(request, took_us)) return;
  if (lines_.size() > kMaxBufferedBytes) {
    ++dropped_;
    ++untold_;
    return;
  }
  if (untold_ > 0) tell_dropped(moment.wall_seconds);
  if (lines_.empty()) oldest_ms_ = moment.now_us / 1000;
  if (rules_.memory || !template_.empty()) memory_.update(moment.wall_seconds);
  const LogLine line{
      connection, request, took_us,           request.times(moment.now_us), moment.wall_seconds, worker_, loop_,
      pid_,       memory_, rules_.time_format};
  if (!template_.empty()) {
    for (const LogPart& part : template_.parts()) append_part(lines_, part, line);
    lines_ += '\n';
  } else if (format_ == LogFormat::kUwsgi) {
    add_uwsgi(line, moment);
  } else {
    add_json(line);
  }
}

bool AccessLog::selects(const Request& request, int64_t took_us) const {
  if (!rules_.selective) return true;
  const unsigned kind = request.status / 100U;
  return (rules_.status_4xx && kind == 4) || (rules_.status_5xx && kind == 5) ||
         (rules_.slow_ms > 0 && took_us >= rules_.slow_ms * 1000) ||
         (rules_.big_bytes > 0 && request.sent_body + request.head_bytes >= rules_.big_bytes) ||
         (rules_.zero && request.sent_body == 0) || (rules_.io_error && request.given_up) ||
         (rules_.sendfile && request.sent_file);
}

void AccessLog::note_forwarded(Request& request) const {
  if (!rules_.forwarded_for || request.log.fields.empty()) return;
  const std::string_view list = request.log.fields.back();
  const std::string_view first = list.substr(0, list.find(','));
  const size_t start = first.find_first_not_of(" \t");
  if (start == std::string_view::npos) return;
  request.log.remote.assign(first.substr(start, first.find_last_not_of(" \t") - start + 1));
  request.log.remote_port.clear();
  request.log.has_remote = true;
}

void AccessLog::tell_dropped(int64_t wall_seconds) {
  const auto count = static_cast<unsigned long long>(std::exchange(untold_, 0));
  if (format_ == LogFormat::kUwsgi) {
    append_format(lines_, "%s - %llu request lines were dropped: the log took nothing\n", wall_text(wall_seconds),
                  count);
  } else {
    append_format(lines_,
                  "{\"time\":\"%s\",\"level\":\"warn\",\"pid\":%d,\"worker\":%u,\"msg\":\"request lines were dropped: "
                  "the log took nothing\",\"dropped\":%llu}\n",
                  wall_text(wall_seconds), pid_, worker_, count);
  }
}

const char* AccessLog::wall_text(int64_t wall_seconds) {
  if (text_for_ != wall_seconds) {
    text_for_ = wall_seconds;
    const auto seconds = static_cast<time_t>(wall_seconds);
    tm parts{};
    const bool json = format_ == LogFormat::kJson;  // UTC as in all other records; uWSGI's lines have local time
    json ? ::gmtime_r(&seconds, &parts) : ::localtime_r(&seconds, &parts);
    const char* form = json ? "%Y-%m-%dT%H:%M:%SZ" : "%a %b %e %H:%M:%S %Y";
    const size_t length = std::strftime(text_, sizeof text_, form, &parts);
    text_[length] = '\0';
  }
  return text_;
}

void AccessLog::add_uwsgi(const LogLine& line, const LogMoment& moment) {
  const Request& request = line.request;
  if (rules_.memory) {
    const auto space = static_cast<unsigned long long>(memory_.address_space_bytes());
    const auto resident = static_cast<unsigned long long>(memory_.resident_bytes());
    append_format(lines_, "{address space usage: %llu bytes/%lluMB} {rss usage: %llu bytes/%lluMB} ", space,
                  space >> kMegabyteShift, resident, resident >> kMegabyteShift);
  }
  const unsigned long long own = moment.number;
  append_format(lines_, "[pid: %d|app: 0|req: %llu/%llu] ", pid_, own, own + moment.others);
  lines_ += remote_of(line.connection, request);
  lines_ += " (";
  lines_ += cut(request.log.user);
  append_format(lines_, ") {%u vars in %u bytes} [%s] ", request.log.vars, request.log.vars_bytes,
                wall_text(line.wall_seconds));
  lines_ += request.log.method;
  lines_ += ' ';
  lines_ += cut(request.log.target);
  append_format(lines_, " => generated %llu bytes in %lld %s%s(", static_cast<unsigned long long>(request.sent_body),
                static_cast<long long>(rules_.micros ? line.took_us : line.took_us / 1000),
                rules_.micros ? "micros" : "msecs", request.sent_file ? " via sendfile() " : " ");
  lines_ += protocol_of(request);
  append_format(lines_, " %u) %u headers in %u bytes (1 switches on core %u)\n", static_cast<unsigned>(request.status),
                request.fields, request.head_bytes, loop_);
}

void AccessLog::add_json(const LogLine& line) {
  const Request& request = line.request;
  append_format(
      lines_,
      "{\"time\":\"%s\",\"level\":\"info\",\"pid\":%d,\"worker\":%u,\"core\":%u,\"msg\":\"request\",\"requestId\":\"",
      wall_text(line.wall_seconds), pid_, worker_, loop_);
  append_request_id(lines_, line);
  lines_ += "\",\"remote\":";
  append_json_string(lines_, remote_of(line.connection, request));
  append_format(lines_, ",\"port\":%u,\"method\":", port_of(line.connection, request));
  append_json_string(lines_, request.log.method);
  lines_ += ",\"uri\":";
  append_json_string(lines_, cut(request.log.target));
  lines_ += ",\"protocol\":";
  append_json_string(lines_, protocol_of(request));
  append_format(lines_, ",\"status\":%u,\"bytes\":%llu,\"micros\":%lld,\"vars\":%u,\"headers\":%u",
                static_cast<unsigned>(request.status), static_cast<unsigned long long>(request.sent_body),
                static_cast<long long>(line.took_us), request.log.vars, request.fields);
  if (line.times.kernel_us >= 0) {
    append_format(lines_, ",\"kernelMicros\":%lld", static_cast<long long>(line.times.kernel_us));
  }
  append_format(lines_, ",\"bodyMicros\":%lld,\"waitingMicros\":%lld,\"jsMicros\":%lld,\"writingMicros\":%lld",
                static_cast<long long>(line.times.body_us), static_cast<long long>(line.times.waiting_us),
                static_cast<long long>(line.times.javascript_us), static_cast<long long>(line.times.writing_us));
  if (request.given_up) append_format(lines_, ",\"aborted\":\"%s\"", why_given_up(request));
  lines_ += "}\n";
}

void AccessLog::flush_if_due(int64_t now_ms) {
  if (lines_.empty() || (refused_ && now_ms < retry_ms_)) return;
  if (lines_.size() < kBlockBytes && now_ms - oldest_ms_ < kMaxAgeMs) return;
  flush();
  retry_ms_ = now_ms + kRetryMs;
}

void AccessLog::flush() {
  const net::OutputDescriptor::Taken taken = output_.write_lines(lines_);
  refused_ = taken.error != 0;
  lines_.erase(0, taken.bytes);
  // Nobody may ask for a while: the gap is told where it is.
  if (lines_.empty() && untold_ > 0) tell_dropped(static_cast<int64_t>(::time(nullptr)));
}

void AccessLog::close() {
  flush();
  if (!refused_) flush();  // the notice of a gap came behind
  dropped_ += static_cast<uint64_t>(std::count(lines_.begin(), lines_.end(), '\n'));
  lines_.clear();
}

}  // namespace tsuwsgi::server
