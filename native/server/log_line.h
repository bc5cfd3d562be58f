#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/log_template.h"
#include "server/request.h"

namespace tsuwsgi::server {

struct Connection;

/// Memory of this process, looked at no more than once a second. Belongs to one loop.
class ProcessMemory {
 public:
  uint64_t resident_bytes() const { return resident_; }
  uint64_t address_space_bytes() const { return total_; }
  void update(int64_t wall_seconds);

 private:
  int64_t read_at_ = -1;
  uint64_t resident_ = 0;
  uint64_t total_ = 0;
};

/// Everything a request line can tell.
struct LogLine {
  const Connection& connection;
  const Request& request;
  int64_t took_us;
  RequestTimes times;
  int64_t wall_seconds;
  uint32_t worker;
  uint32_t loop;
  int pid;
  const ProcessMemory& memory;
  const std::string& time_format;  ///< of %(ftime), for strftime; empty: as %(ltime)
};

/// Who asked: the client that the front server names, else the peer.
std::string_view remote_of(const Connection& connection, const Request& request);
/// 0 where it is not known.
unsigned port_of(const Connection& connection, const Request& request);
std::string_view protocol_of(const Request& request);
/// Who or what ended a request whose answer did not get through, in a word.
const char* why_given_up(const Request& request);

/// The name that the application has for it (`requestId` of the package): process, handle, generation. JavaScript makes
/// the same text of the same numbers (src/worker/gateway/request-context.ts), each side only for those who look at it.
void append_request_id(std::string& out, const LogLine& line);

/// The part's text; a dash where there is none.
void append_part(std::string& out, const LogPart& part, const LogLine& line);

}  // namespace tsuwsgi::server
