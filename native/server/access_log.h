#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/log_line.h"
#include "server/log_template.h"
#include "server/server_options.h"

namespace tsuwsgi::server {

struct Connection;
struct Request;

/// The request log: one line a finished request in uWSGI's default format or as JSON, collected and written in blocks.
/// Never blocks: a descriptor that takes nothing costs lines, which are counted. Belongs to one loop.
class AccessLog {
 public:
  AccessLog(const ServerOptions& options, uint32_t loop);

  bool enabled() const { return fd_ >= 0; }
  void add(const Connection& connection, const Request& request, int64_t now_us, int64_t wall_seconds);
  /// Writes what is there when it is much or a second old.
  void flush_if_due(int64_t now_ms);
  void flush();
  /// Something waits to be written.
  bool pending() const { return !lines_.empty(); }
  uint64_t dropped() const { return dropped_; }
  /// Environ keys of a request whose values must be kept for its line; they go to RequestLogFacts::fields.
  const std::vector<std::string>& wanted_fields() const { return wanted_; }
  /// The values are there: the client that X-Forwarded-For names becomes the remote address, where that is asked for.
  void note_forwarded(Request& request) const;

 private:
  bool selects(const Request& request, int64_t took_us) const;
  void add_uwsgi(const Connection& connection, const Request& request, int64_t took_us, int64_t wall_seconds);
  void add_template(const Connection& connection, const Request& request, int64_t took_us, int64_t wall_seconds);
  void add_json(const Connection& connection, const Request& request, int64_t usecs, int64_t wall_seconds);
  void tell_dropped(int64_t wall_seconds);
  const char* wall_text(int64_t wall_seconds);

  int fd_;
  LogFormat format_;
  const AccessLogRules rules_;
  LogTemplate template_;
  std::vector<std::string> wanted_;
  ProcessMemory memory_;
  uint32_t worker_;
  uint32_t loop_;
  int pid_;
  uint64_t count_ = 0;
  uint64_t dropped_ = 0;
  uint64_t untold_ = 0;  ///< dropped since the log last said so
  int64_t oldest_ms_ = 0;
  int64_t text_for_ = -1;
  char text_[32] = {};
  std::string lines_;
};

}  // namespace tsuwsgi::server
