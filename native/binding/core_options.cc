#include "binding/core_options.h"

#include <string>

namespace tsuwsgi::binding {

namespace {

/// The member, or undefined with a pending TypeError. After the first error nothing more is asked of the object.
Napi::Value get(const Napi::Object& object, const char* name) {
  const Napi::Env env = object.Env();
  if (env.IsExceptionPending()) return env.Undefined();
  const Napi::Value value = object.Get(name);
  if (value.IsUndefined()) {
    Napi::TypeError::New(env, std::string("core option is missing: ") + name).ThrowAsJavaScriptException();
  }
  return value;
}

template <class Number>
Number number(const Napi::Object& object, const char* name) {
  const Napi::Value value = get(object, name);
  if (!value.IsNumber()) return 0;
  return static_cast<Number>(value.As<Napi::Number>().DoubleValue());
}

std::string text(const Napi::Object& object, const char* name) {
  const Napi::Value value = get(object, name);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

void read_limits(const Napi::Object& limits, server::ServerOptions& out) {
  out.request.head_bytes = number<uint32_t>(limits, "headBytes");
  out.request.target_bytes = number<uint32_t>(limits, "targetBytes");
  out.request.header_count = number<uint32_t>(limits, "headerCount");
  out.request.body_bytes = number<uint64_t>(limits, "bodyBytes");
  out.post_buffering_bytes = number<uint64_t>(limits, "postBufferingBytes");
  out.body_memory_bytes = number<uint64_t>(limits, "bodyMemoryBytes");
  out.header_timeout_ms = number<int64_t>(limits, "headerTimeoutMs");
  out.body_timeout_ms = number<int64_t>(limits, "bodyTimeoutMs");
  out.send_timeout_ms = number<int64_t>(limits, "sendTimeoutMs");
  out.keep_alive_timeout_ms = number<int64_t>(limits, "keepAliveTimeoutMs");
  out.min_rate = number<uint32_t>(limits, "minRate");
  out.max_connections = number<uint32_t>(limits, "maxConnections");
  out.max_pending = number<uint32_t>(limits, "maxPending");
  out.retry_after_seconds = number<uint32_t>(limits, "retryAfterSeconds");
}

/// No coercion: with an error pending the engine takes no further calls.
bool flag(const Napi::Object& object, const char* name) {
  const Napi::Value value = get(object, name);
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

void read_log_rules(const Napi::Object& rules, server::AccessLogRules& out) {
  out.line_template = text(rules, "template");
  out.time_format = text(rules, "timeFormat");
  out.micros = flag(rules, "micros");
  out.memory = flag(rules, "memory");
  out.forwarded_for = flag(rules, "forwardedFor");
  out.selective = flag(rules, "selective");
  out.status_4xx = flag(rules, "status4xx");
  out.status_5xx = flag(rules, "status5xx");
  out.slow_ms = number<int64_t>(rules, "slowMs");
  out.big_bytes = number<uint64_t>(rules, "bigBytes");
  out.zero = flag(rules, "zero");
  out.io_error = flag(rules, "ioError");
  out.sendfile = flag(rules, "sendfile");
}

void read_queues(const Napi::Array& queues, server::ServerOptions& out) {
  for (uint32_t i = 0; i < queues.Length() && !queues.Env().IsExceptionPending(); ++i) {
    const Napi::Value entry = queues[i];
    if (!entry.IsObject()) continue;
    const auto object = entry.As<Napi::Object>();
    server::QueueOptions queue;
    queue.fd = number<int>(object, "fd");
    queue.loop = number<uint32_t>(object, "loop") % out.loops;
    queue.listener = number<uint32_t>(object, "listener");
    queue.own = flag(object, "own");
    queue.shared = flag(object, "shared");
    queue.protocol = text(object, "protocol") == "uwsgi" ? Protocol::uwsgi : Protocol::http;
    out.queues.push_back(queue);
  }
}

/// The row has to lie in the memory as a whole; the caller keeps the memory.
base::WorkerRow read_board(const Napi::Object& board, uint32_t loops) {
  const Napi::Value memory = get(board, "memory");
  const auto offset = number<size_t>(board, "offset");
  if (!memory.IsArrayBuffer()) return {};
  auto buffer = memory.As<Napi::ArrayBuffer>();
  const bool fits = offset % base::kCacheLine == 0 && offset <= buffer.ByteLength() &&
                    buffer.ByteLength() - offset >= base::WorkerRow::bytes(loops);
  if (fits) return {static_cast<unsigned char*>(buffer.Data()) + offset, loops};
  Napi::RangeError::New(board.Env(), "the scoreboard's memory has no room for the row").ThrowAsJavaScriptException();
  return {};
}

}  // namespace

server::ServerOptions read_options(const Napi::Object& options) {
  server::ServerOptions out;
  out.on_js_thread = text(options, "mode") != "pool";
  out.loops = out.on_js_thread ? 1 : number<uint32_t>(options, "threads");
  if (out.loops < 1 || out.loops > 200) out.loops = 1;
  const Napi::Value limits = get(options, "limits");
  if (limits.IsObject()) read_limits(limits.As<Napi::Object>(), out);
  const Napi::Value queues = get(options, "queues");
  if (queues.IsArray()) read_queues(queues.As<Napi::Array>(), out);
  out.spool_directory = text(options, "spoolDirectory");
  out.hand_over_fd = number<int>(options, "handOverFd");
  out.access_log_fd = number<int>(options, "accessLogFd");
  out.access_log_format =
      text(options, "accessLogFormat") == "json" ? server::LogFormat::kJson : server::LogFormat::kUwsgi;
  const Napi::Value rules = get(options, "accessLogRules");
  if (rules.IsObject()) read_log_rules(rules.As<Napi::Object>(), out.access_log_rules);
  out.worker_id = number<uint32_t>(options, "workerId");
  out.deadline_ms = number<int64_t>(options, "deadlineMs");
  const Napi::Value board = get(options, "scoreboard");
  if (board.IsObject()) out.board = read_board(board.As<Napi::Object>(), out.loops);
  return out;
}

}  // namespace tsuwsgi::binding
