#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include "base/mailbox.h"
#include "server/accept_connections.h"
#include "server/connection_limits.h"
#include "server/departure.h"
#include "server/dispatch_request.h"
#include "server/give_connections.h"
#include "server/loop_context.h"
#include "server/read_request.h"
#include "server/request_sink.h"
#include "server/take_connections.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// One poller with its queues, connections and timers. It does not know who runs it: the JavaScript thread calls `turn`
/// when `poll_fd` is ready (loop mode), or `run` keeps a native thread (pool mode).
class IoLoop {
 public:
  IoLoop(const ServerOptions& options, SharedState& shared, uint32_t index, RequestSink& sink);
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  /// Somebody else's epoll waits for `poll_fd` (net::Poller::set_outer). Before `start`.
  void nest_in(int outer_epoll) { context_.poller.set_outer(outer_epoll); }
  /// Starts polling the loop's own queues. The calling thread owns the loop from now on.
  void start();
  /// Waits at most `timeout_ms` for something and deals with it. Returns the number of events it found.
  int turn(int timeout_ms);
  /// Turns until `request_stop`.
  void run();
  /// Cuts all connections. On the owner's thread, or after it has ended.
  void shut_down();

  int poll_fd() const { return context_.poller.fd(); }
  /// How long nothing will have to be done, -1: for ever.
  int next_timeout_ms();

  /// Applies operations on the owner's thread: in loop mode, from inside `deliver` or between turns.
  void apply(const uint8_t* operations, size_t size);

  // Any thread:
  void post(const uint8_t* operations, size_t size);
  enum class Command : uint32_t { kAdopt = 1, kRelease, kDrain, kStop, kHold };
  /// `argument`: the queue; of kDrain see `drain_argument`; of kHold whether queues are to be left alone.
  void command(Command command, uint32_t argument = 0);
  /// `shared_stays`: other workers go on with the shared queues, and what waits there is for them. `taker`: the channel
  /// for connections between two requests (net/descriptor_channel.h), -1: nobody takes them and they close.
  static uint32_t drain_argument(bool shared_stays, int taker = -1) {
    return static_cast<uint32_t>(taker + 1) << 1 | (shared_stays ? 1u : 0u);
  }
  void wake() { context_.poller.wake(); }
  const Counters& counters() const { return context_.counters; }

 private:
  void handle_events(int count);
  void write_log();
  void count_log();
  void on_connection(uint64_t token, uint32_t events);
  void on_wake();
  void obey_commands();
  void obey(Command command, uint32_t argument);
  void adopt_fresh();
  void watch_fresh();
  bool has_work() const;
  void settle();
  void flush_dirty();
  void resume_connections();
  void expire_timers();
  void free_closed();

  RequestSink& sink_;
  LoopContext context_;
  RequestDispatcher dispatcher_;
  ResponseWriter writer_;
  RequestReader reader_;
  ConnectionGiver giver_;
  ConnectionLimits limits_;
  Acceptor acceptor_;
  ConnectionTaker taker_;
  Departure departure_;
  base::Mailbox operations_;
  base::Mailbox commands_;
  std::vector<Connection*> fresh_;
  std::vector<Connection*> working_;
  std::vector<uint8_t> taken_;  ///< operations; the mailbox gets its memory back with the next take
  bool in_turn_ = false;
  bool stopping_ = false;
};

}  // namespace tsuwsgi::server
