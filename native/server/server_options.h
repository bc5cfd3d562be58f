#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/scoreboard.h"
#include "proto/request_limits.h"
#include "server/protocol.h"

namespace tsuwsgi::server {

/// A listening socket this worker knows. The descriptor stays open as long as the process; it belongs to whoever bound
/// it.
struct QueueOptions {
  int fd = -1;
  uint32_t loop = 0;
  uint32_t listener = 0;
  bool own = true;
  /// The address has this one socket: every loop of every worker polls it, and it is never adopted or released.
  bool shared = false;
  Protocol protocol = Protocol::http;
};

enum class LogFormat : uint8_t { kUwsgi, kJson };

/// Which requests get a line in the log, and what is in it (src/binding/native.ts AccessLogRules).
struct AccessLogRules {
  std::string line_template;  ///< empty: the usual line
  std::string time_format;    ///< of %(ftime)
  bool micros = false;
  bool memory = false;
  bool forwarded_for = false;
  bool selective = false;  ///< only what one of the following names
  bool status_4xx = false;
  bool status_5xx = false;
  int64_t slow_ms = 0;
  uint64_t big_bytes = 0;
  bool zero = false;
  bool io_error = false;  ///< the answer did not get through
  bool sendfile = false;  ///< the kernel sent a file
};

/// The native slice of the option table (src/binding/native.ts CoreOptions). Read-only once the loops run.
struct ServerOptions {
  proto::RequestLimits request;
  uint64_t post_buffering_bytes = 65536;
  uint64_t body_memory_bytes = 64u << 20;
  int64_t header_timeout_ms = 10000;
  int64_t body_timeout_ms = 30000;
  int64_t send_timeout_ms = 30000;
  int64_t keep_alive_timeout_ms = 75000;
  uint32_t min_rate = 240;
  uint32_t max_connections = 10000;  ///< of the worker; each loop has its share
  uint32_t max_pending = 1024;       ///< of the worker
  uint32_t retry_after_seconds = 1;
  std::string spool_directory = "/tmp";
  int access_log_fd = -1;
  LogFormat access_log_format = LogFormat::kUwsgi;
  AccessLogRules access_log_rules;
  uint32_t worker_id = 1;
  base::WorkerRow board;             ///< where the worker tells what it does; invalid: nobody looks
  int64_t deadline_ms = 0;           ///< --harakiri, for the board; 0: none
  int64_t linger_timeout_ms = 2000;  ///< how long unread bytes of a refused request are thrown away before the close
  uint32_t loops = 1;
  bool on_js_thread = true;
  int hand_over_fd = -1;  ///< connections that other workers give away come from here; it stays open; -1: none come
  bool held = false;      ///< the server is paused: no queue is polled before it is resumed
  std::vector<QueueOptions> queues;

  /// Whether somebody reads where the time of requests goes; it costs a few looks at the clock a batch.
  bool measures() const { return board.valid() || access_log_fd >= 0; }
};

}  // namespace tsuwsgi::server
