#pragma once

#include <vector>

#include "server/loop_context.h"

namespace tsuwsgi::server {

/// Polls the loop's queues and takes connections from them. Being out of descriptors, or at --max-connections, is a
/// state: the queues are left alone until a resume time or a free place. Belongs to one loop.
class Acceptor {
 public:
  explicit Acceptor(LoopContext& context) : context_(context) {}

  /// Event tokens of queues have this bit; the rest is the queue's index.
  static constexpr uint64_t kTokenBit = uint64_t{1} << 63;

  void start();
  /// Also polls a queue that is not ours (its worker is gone), or stops doing so.
  void adopt(uint32_t queue);
  void release(uint32_t queue);
  /// Leaves all queues alone (the server is paused), or polls them again.
  void hold(bool on);
  /// Takes what is waiting, a bounded number at once, and appends it to `fresh`. Of a shared queue one connection, as
  /// long as other loops take the rest; what is still there a turn later is there because they are busy too, and then
  /// it takes more at once.
  void accept(uint32_t queue, std::vector<Connection*>& fresh);
  /// The same for shared queues of whose events the poller does not tell; to be called at every turn.
  void accept_untold(std::vector<Connection*>& fresh);
  /// Takes everything that waits, to be called before `stop` where the server ends in order: nobody takes it later.
  /// `shared_too`: false where others go on: what waits in shared queues, and in held ones, is for them then.
  void accept_last(bool shared_too, std::vector<Connection*>& fresh);
  /// Stops polling for good (draining).
  void stop();

  /// To be called once a turn: resumes after a pause.
  void tick();
  /// Milliseconds until the pause ends, -1: not paused by time.
  int resume_in_ms() const;

 private:
  /// Takes at most `most`. Whether there may be more.
  bool take(uint32_t queue, int most, std::vector<Connection*>& fresh);
  bool at_capacity() const;
  void pause(int64_t resume_ms);
  void log_pause(int error);
  void poll(uint32_t queue);
  void unpoll(uint32_t queue);
  void poll_all();
  void unpoll_all();

  LoopContext& context_;
  std::vector<bool> wanted_;  ///< queues to poll, by index in ServerOptions::queues
  std::vector<uint32_t> shared_;
  std::vector<int> shared_burst_;  ///< how many the next turn takes from each, where the queue is a shared one
  bool paused_ = false;
  bool held_ = false;
  bool stopped_ = false;
  int64_t logged_second_ = -1;  ///< a full table lasts: one record a second says it
  int64_t resume_ms_ = 0;       ///< 0 while paused: when a connection has closed
};

}  // namespace tsuwsgi::server
