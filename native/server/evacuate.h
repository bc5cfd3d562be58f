#pragma once

#include <cstdint>

#include "server/loop_context.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// The last thing a loop does for a worker whose JavaScript is blocked and that the master is about to kill: every
/// request is answered, or passed on, as well as it can be without JavaScript. The order stands in the scoreboard
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
  /// What JavaScript has not begun becomes unread bytes again, for a ready worker, or is answered 503 where there is
  /// none; what is past its deadline is answered 504, the rest 502, and answers that have begun are cut. What comes
  /// from now on is left to the ready worker as well; whatever is read here all the same is answered 503.
  void obey();
  /// To be called at every turn: connections that nobody has taken in time are read here.
  void tick();

 private:
  /// As master and worker agree on it: src/supervisor/harakiri/harakiri.ts.
  static constexpr int kNone = 0;
  static constexpr int kNoTaker = 1;
  /// Above: the descriptor of a ready worker's channel. Below -kNoTaker: of one that somebody will read from later.

  bool has_ready_taker() const { return order() > kNoTaker; }
  void take_back(Connection& connection);
  bool can_be_unread(const Request& request) const;
  static bool can_go(const Connection& connection);

  int order() const;
  void answer_line(Connection& connection);
  uint16_t status_for(const Request& request) const;
  bool is_begun(const Request& request) const;
  uint64_t running_number() const;
  bool is_overdue(const Request& request) const;

  LoopContext& context_;
  ResponseWriter& writer_;
  int64_t give_up_ms_ = 0;  ///< when nobody is waited for any more; 0: nobody is
  uint64_t running_ = 0;    ///< BegunOrder's number of the request whose call blocks; 0: not known, or behind an await
};

}  // namespace tsuwsgi::server
