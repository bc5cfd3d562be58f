#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/output_descriptor.h"
#include "server/log_line.h"
#include "server/log_template.h"
#include "server/server_options.h"

namespace tsuwsgi::server {

struct Connection;
struct Request;

/// When a request ended, and which one it was.
struct LogMoment {
  int64_t now_us = 0;
  int64_t wall_seconds = 0;
  uint64_t number = 1;  ///< among the worker's
  uint64_t others = 0;  ///< requests of other workers
};

/// The request log: one line a finished request in uWSGI's default format or as JSON, collected and written in blocks.
/// Never blocks: a descriptor that takes nothing costs lines, which are counted, and a megabyte of memory at most.
/// Belongs to one loop.
class AccessLog {
 public:
  AccessLog(const ServerOptions& options, uint32_t loop);

  bool enabled() const { return output_.fd() >= 0; }
  void add(const Connection& connection, const Request& request, const LogMoment& moment);
  /// Writes what is there when it is much or a tenth of a second old.
  void flush_if_due(int64_t now_ms);
  void flush();
  /// The loop ends: what the log does not take now is lost, and counted.
  void close();
  /// Something waits to be written.
  bool pending() const { return !lines_.empty(); }
  /// Bytes that the log did not take when it was last tried; 0 while all is well.
  size_t refused_bytes() const { return refused_ ? lines_.size() : 0; }
  uint64_t dropped() const { return dropped_; }
  /// Environ keys of a request whose values must be kept for its line; they go to RequestLogFacts::fields.
  const std::vector<std::string>& wanted_fields() const { return wanted_; }
  /// The values are there: the client that X-Forwarded-For names becomes the remote address, where that is asked for.
  void note_forwarded(Request& request) const;

 private:
  bool selects(const Request& request, int64_t took_us) const;
  void add_uwsgi(const LogLine& line, const LogMoment& moment);
  void add_json(const LogLine& line);
  void tell_dropped(int64_t wall_seconds);
  const char* wall_text(int64_t wall_seconds);

  net::OutputDescriptor output_;
  LogFormat format_;
  const AccessLogRules rules_;
  LogTemplate template_;
  std::vector<std::string> wanted_;
  ProcessMemory memory_;
  uint32_t worker_;
  uint32_t loop_;
  int pid_;
  uint64_t dropped_ = 0;
  uint64_t untold_ = 0;  ///< dropped since the log last said so
  int64_t oldest_ms_ = 0;
  bool refused_ = false;
  int64_t retry_ms_ = 0;  ///< not before, while it refuses: a full log must not cost a system call each turn
  int64_t text_for_ = -1;
  char text_[32] = {};
  std::string lines_;
};

}  // namespace tsuwsgi::server
