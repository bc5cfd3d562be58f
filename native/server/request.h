#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "proto/http1/response_writer.h"
#include "server/output_queue.h"
#include "server/records.h"

namespace tsuwsgi::server {

struct Connection;

/// What the request log needs after the request's bytes are gone. Kept only while the log is on.
struct RequestLogFacts {
  std::string method;
  std::string target;
  uint32_t vars = 0;
  uint32_t vars_bytes = 0;
  // What a front server said over uwsgi.
  bool has_remote = false;  ///< `remote` and `remote_port` stand for the connection's peer
  std::string remote;
  std::string remote_port;
  std::string user;
  std::string protocol;             ///< SERVER_PROTOCOL; empty: HTTP/1.x by the request's version
  std::vector<std::string> fields;  ///< values of AccessLog::wanted_fields, in their order
  void clear();
};

/// Where a request's time went, in microseconds.
struct RequestTimes {
  int64_t kernel_us = -1;     ///< in the kernel, before its last bytes were read, in whole milliseconds; -1: not known
  int64_t body_us = 0;        ///< from its head until its body was there
  int64_t waiting_us = 0;     ///< until JavaScript took it
  int64_t javascript_us = 0;  ///< until the last of the answer came from JavaScript
  int64_t writing_us = 0;     ///< until the kernel had taken the last of the answer
};

/// One exchange on a connection. Lives in its loop's table from the end of its head until its answer is complete (or
/// given up). JavaScript knows it by slot and generation. Belongs to one loop.
struct Request {
  enum class Stage : uint8_t {
    kBody,        ///< the body is arriving; JavaScript does not know the request yet
    kRunning,     ///< given to JavaScript, no response head yet
    kResponding,  ///< the head is out (or in `output`), more follows
    kEnded,       ///< the response is complete, waiting for its turn on the connection
  };

  // The slab's part.
  uint32_t slot = 0;
  uint32_t generation = 1;
  bool live = false;

  Connection* connection = nullptr;
  Request* next = nullptr;  ///< behind it on the same connection
  Stage stage = Stage::kBody;

  // What the head said.
  bool head_request = false;
  bool safe_method = false;
  bool keep_alive = true;
  uint8_t version_minor = 1;

  // The body.
  bool streamed = false;  ///< JavaScript runs while the body arrives
  bool body_complete = false;
  bool continue_owed = false;  ///< Expect: 100-continue, not answered yet
  uint64_t body_bytes = 0;     ///< decoded so far
  uint64_t body_credit = 0;    ///< streamed: bytes that JavaScript asked for
  uint64_t body_memory = 0;    ///< of them, counted in SharedState::body_memory
  std::string body;
  base::UniqueFd spool;
  std::unique_ptr<std::string> record;  ///< the REQUEST event, waiting for the body

  // The response.
  http1::ResponsePlan plan;
  uint16_t status = 0;
  bool known_to_js = false;
  bool given_up = false;  ///< the peer did not get all of the answer
  AbortReason given_up_for = AbortReason::kNone;
  bool sent_file = false;  ///< the kernel sent a file
  bool cut_after = false;  ///< the promised length was not kept: close instead of going on
  uint32_t fields = 0;
  uint32_t head_bytes = 0;
  uint64_t declared = kUndeclared;
  uint64_t sent_body = 0;       ///< framing aside
  uint64_t framing_bytes = 0;   ///< of the body's chunks
  uint64_t unacknowledged = 0;  ///< taken since the last WRITABLE
  OutputQueue output;           ///< while an earlier request of the connection is not finished

  int64_t arrived_us = 0;  ///< its head was complete
  // Only where somebody looks (LoopContext::measures); 0: not yet.
  int64_t handed_over_us = 0;
  int64_t begun_us = 0;  ///< JavaScript took it; known when its answer is complete
  int64_t answered_us = 0;
  int64_t kernel_us = -1;

  // LoopBoard's.
  static constexpr uint8_t kNoEntry = 255;
  uint64_t sequence = 0;  ///< its number among the loop's requests for JavaScript; 0: not handed over
  uint8_t board_entry = kNoEntry;
  bool untabled = false;
  RequestLogFacts log;

  /// Its bytes as they came, for as long as another worker could go on with it (LoopContext::keeps_wire).
  std::string wire;
  bool has_wire = false;        ///< all of them are in `wire`
  int64_t own_deadline_us = 0;  ///< it asked for one, in place of --harakiri's; 0: it did not; INT64_MAX: none

  /// Larger ones are not kept.
  static constexpr size_t kMostWire = 16 * 1024;
  void begin_wire(std::string_view head);
  void add_to_wire(std::string_view bytes);
  /// Until `now_us`, for a request that is finished or about to.
  RequestTimes times(int64_t now_us) const;

  /// What JavaScript calls it, together with the generation. `loop`: index of its loop.
  uint32_t handle(uint32_t loop) const { return slot | loop << kLoopShift; }
  bool is_front() const;
  void reset();
};

}  // namespace tsuwsgi::server
