#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/request_limits.h"

namespace tsuwsgi::server {

/// A listening socket this worker knows. The descriptor stays open as long as the process; it belongs to whoever bound
/// it.
struct QueueOptions {
  int fd = -1;
  uint32_t loop = 0;
  uint32_t listener = 0;
  bool own = true;
};

enum class LogFormat : uint8_t { kUwsgi, kJson };

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
  uint32_t worker_id = 1;
  int64_t linger_timeout_ms = 2000;  ///< how long unread bytes of a refused request are thrown away before the close
  uint32_t loops = 1;
  bool on_js_thread = true;
  std::vector<QueueOptions> queues;
};

}  // namespace tsuwsgi::server
