#pragma once

#include <cstdint>

#include "server/loop_context.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// The last thing a loop does for a worker whose JavaScript is blocked and that the master is about to kill: every
/// request is answered as well as it can be without JavaScript. The order stands in the scoreboard
/// (base::WorkerHeader::kCondemned). Belongs to one loop, of pool mode; in loop mode the blocked thread is the loop's.
class Evacuation {
 public:
  Evacuation(LoopContext& context, ResponseWriter& writer) : context_(context), writer_(writer) {}

  /// Whether the order has come and was not obeyed yet. To be asked at every turn: it costs a load.
  bool due() const { return !context_.evacuating && order() != kNone; }
  /// How soon somebody has to ask; -1: at the next turn, whenever that is.
  int look_in_ms() const;
  /// Channel for connections between two requests, -1: they close (ConnectionGiver).
  int taker() const;
  /// Answers what JavaScript has not begun with 503, what is past its deadline with 504, the rest with 502, and cuts
  /// answers that have begun. From now on every request is answered 503.
  void answer_all();

 private:
  /// As master and worker agree on it: src/supervisor/harakiri.ts.
  static constexpr int kNone = 0;
  static constexpr int kNoTaker = 1;  ///< above: the descriptor of a channel

  int order() const;
  void answer_line(Connection& connection);
  uint16_t status_for(const Request& request) const;
  bool is_begun(const Request& request) const;
  uint64_t running_number() const;
  bool is_overdue(const Request& request) const;

  LoopContext& context_;
  ResponseWriter& writer_;
  uint64_t running_ = 0;  ///< BegunOrder's number of the request whose call blocks; 0: not known, or behind an await
};

}  // namespace tsuwsgi::server
