#include "server/io_loop.h"

#include <algorithm>

#include "server/record_resources.h"

namespace tsuwsgi::server {

namespace {
constexpr int kLogDelayMs = 100;
constexpr int kMaxRounds = 32;

uint64_t token_of(const Connection& connection) {
  // The generation is cut: two connections of one slot within a turn differ in the lower bits.
  return uint64_t{connection.generation & 0x3FFFFFFF} << 32 | connection.slot;
}
}  // namespace

IoLoop::IoLoop(const ServerOptions& options, SharedState& shared, uint32_t index, RequestSink& sink)
    : sink_(sink),
      context_(options, shared, index),
      dispatcher_(context_),
      writer_(context_),
      reader_(context_, dispatcher_, writer_),
      giver_(context_, writer_),
      limits_(context_, writer_, giver_),
      acceptor_(context_),
      taker_(context_),
      departure_(context_, sink, writer_, acceptor_, taker_, giver_, limits_) {}

IoLoop::~IoLoop() {
  // Before the context's members go: output that is given up reports to its event queue.
  context_.connections.for_each_live(
      [&](Connection& connection) { writer_.abort(connection, AbortReason::kShutdown); });
  std::vector<uint8_t> left;
  context_.events.swap_into(left);
  release_event_resources(left.data(), left.size());
  std::vector<uint8_t> unapplied;
  operations_.take(unapplied);
  release_operation_resources(unapplied.data(), unapplied.size());
}

void IoLoop::start() {
  context_.owner.adopt();
  acceptor_.start();
  taker_.start();
}

void IoLoop::run() {
  start();
  while (!stopping_) turn(next_timeout_ms());
  shut_down();
}

int IoLoop::next_timeout_ms() {
  TSUWSGI_ASSERT_ON(context_.owner);
  if (has_work()) return 0;
  const int64_t now_ms = base::monotonic_us() / 1000;
  int timeout = context_.wheel.next_timeout_ms(now_ms);
  const auto sooner = [&](int other) {
    if (other >= 0) timeout = timeout < 0 ? other : std::min(timeout, other);
  };
  sooner(acceptor_.resume_in_ms());
  sooner(taker_.resume_in_ms());
  sooner(departure_.look_in_ms());
  if (context_.access_log.pending()) sooner(kLogDelayMs);
  return timeout;
}

int IoLoop::turn(int timeout_ms) {
  TSUWSGI_ASSERT_ON(context_.owner);
  const int count = context_.poller.wait(timeout_ms);
  context_.clock.update();
  context_.begin_turn();
  in_turn_ = true;
  departure_.evacuate_if_due();
  handle_events(count);
  settle();
  watch_fresh();
  departure_.leave_idle_if_due();
  expire_timers();
  free_closed();
  acceptor_.tick();  // behind free_closed: a place that became free counts
  taker_.tick();
  context_.tell_idle();
  write_log();
  in_turn_ = false;
  return count;
}

void IoLoop::write_log() {
  AccessLog& log = context_.access_log;
  if (!log.pending()) return;
  log.flush_if_due(context_.clock.now_ms());
  count_log();
}

void IoLoop::count_log() {
  const AccessLog& log = context_.access_log;
  context_.counters.log_dropped.set(log.dropped());
  context_.counters.log_waiting.set(log.refused_bytes());
}

void IoLoop::handle_events(int count) {
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = context_.poller.event(i);
    if (event.data.u64 == net::Poller::kWakeToken) {
      on_wake();
    } else if ((event.data.u64 & Acceptor::kTokenBit) != 0) {
      acceptor_.accept(static_cast<uint32_t>(event.data.u64 & 0xFFFFFFFF), fresh_);
    } else if (event.data.u64 == ConnectionTaker::kToken) {
      taker_.receive();
    } else if (event.data.u64 == ConnectionGiver::kRoomToken) {
      departure_.on_room();
    } else {
      on_connection(event.data.u64, event.events);
    }
  }
  acceptor_.accept_untold(fresh_);
  adopt_fresh();
}

void IoLoop::on_connection(uint64_t token, uint32_t events) {
  const auto slot = static_cast<uint32_t>(token & 0xFFFFFFFF);
  Connection* connection =
      context_.connections.find_if(slot, [&](const Connection& it) { return token_of(it) == token; });
  if (connection == nullptr || connection->closing) return;
  // Both directions are over: nothing could be answered. A lingering connection reads to the end, so that its close is
  // orderly.
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 && connection->phase != Connection::Phase::kLingering) {
    return reader_.end(*connection);
  }
  const bool has_room = (events & EPOLLOUT) != 0 && connection->output_blocked;
  const bool has_input = (events & (EPOLLIN | EPOLLRDHUP)) != 0;
  if (has_room) {
    connection->output_blocked = false;
    writer_.flush(*connection);
  }
  if ((events & EPOLLRDHUP) != 0) connection->fin_arrived = true;
  if (has_input) reader_.read(*connection);
  // The poller's first word of a connection is that it can be written to: nothing has happened, its time goes on.
  if (has_room || has_input) limits_.update(*connection);
}

/// Data is often there before the connection is accepted: looking at once saves a turn.
void IoLoop::adopt_fresh() {
  for (Connection* connection : fresh_) {
    limits_.start(*connection);
    reader_.read(*connection);
    limits_.update(*connection);
  }
  const size_t accepted = fresh_.size();
  taker_.adopt(fresh_);
  for (size_t i = accepted; i < fresh_.size(); ++i) {
    reader_.resume(*fresh_[i]);
    limits_.resume(*fresh_[i]);
  }
}

/// Behind the turn's answers: a connection that one request opened, and its answer ended, never meets the poller. For
/// the others the poller tells at once what has come meanwhile.
void IoLoop::watch_fresh() {
  for (Connection* connection : fresh_) {
    if (connection->closing) continue;
    if (!context_.poller.add_stream(connection->fd.get(), token_of(*connection))) {
      writer_.abort(*connection, AbortReason::kNone);
    }
  }
  fresh_.clear();
}

bool IoLoop::has_work() const {
  return !context_.events.empty() || !context_.dirty.empty() || !context_.resumable.empty();
}

/// Delivers, sends and resumes until nothing of that is left to do, or so often that other connections should have
/// their turn.
void IoLoop::settle() {
  for (int round = 0; round < kMaxRounds && has_work(); ++round) {
    if (!context_.events.empty()) sink_.deliver(context_.index, context_.events);
    flush_dirty();
    resume_connections();
  }
}

void IoLoop::flush_dirty() {
  working_.swap(context_.dirty);
  for (Connection* connection : working_) {
    connection->dirty = false;
    writer_.flush(*connection);
    limits_.update(*connection);
  }
  working_.clear();
}

void IoLoop::resume_connections() {
  working_.swap(context_.resumable);
  for (Connection* connection : working_) {
    connection->resumable = false;
    reader_.resume(*connection);
    limits_.update(*connection);
  }
  working_.clear();
}

void IoLoop::expire_timers() {
  const std::vector<net::TimerNode*>& expired = context_.wheel.expire(context_.clock.now_ms());
  if (expired.empty()) return;
  for (net::TimerNode* node : expired) {
    auto& connection = static_cast<Connection&>(*node);
    limits_.expire(connection);
    limits_.update(connection);
    if (!connection.closing && !connection.linked()) context_.wheel.set(connection, connection.deadline_ms);
  }
  settle();
}

void IoLoop::free_closed() {
  if (!context_.closed.empty()) {  // a turn may end with work left
    const auto forget = [](std::vector<Connection*>& list) {
      list.erase(std::remove_if(list.begin(), list.end(), [](const Connection* it) { return it->closing; }),
                 list.end());
    };
    forget(context_.dirty);
    forget(context_.resumable);
  }
  for (Connection* connection : context_.closed) {
    context_.counters.connections.subtract();
    context_.connections.release(*connection);
  }
  context_.closed.clear();
  departure_.tell_if_drained();
}

void IoLoop::apply(const uint8_t* operations, size_t size) {
  TSUWSGI_ASSERT_ON(context_.owner);
  if (!in_turn_) context_.clock.update();  // deadlines and dates count from now, not from the last turn
  context_.note_operations(in_turn_);
  for (size_t at = 0; at < size; at += record_size(operations + at)) writer_.apply(operations + at);
  flush_dirty();  // also inside a turn: answers do not wait for the rest of a long batch
  if (in_turn_) return;
  const bool more = !context_.events.empty() || !context_.resumable.empty() || !context_.closed.empty();
  if (more) context_.poller.wake();  // the next turn goes on; JavaScript is on the stack now
}

void IoLoop::post(const uint8_t* operations, size_t size) {
  if (operations_.post(operations, size)) context_.poller.wake();
}

void IoLoop::command(Command command, uint32_t argument) {
  const uint32_t words[2] = {static_cast<uint32_t>(command), argument};
  commands_.post(reinterpret_cast<const uint8_t*>(words), sizeof words);
  context_.poller.wake();
}

void IoLoop::on_wake() {
  context_.poller.clear_wake();
  obey_commands();
  taken_.clear();
  operations_.take(taken_);
  context_.note_operations(false);
  for (size_t at = 0; at < taken_.size(); at += record_size(taken_.data() + at)) writer_.apply(taken_.data() + at);
}

void IoLoop::obey_commands() {
  std::vector<uint8_t> commands;  // rare, and none take no memory
  commands_.take(commands);
  for (size_t at = 0; at + 8 <= commands.size(); at += 8) {
    obey(static_cast<Command>(word_at(commands.data() + at, 0)), word_at(commands.data() + at, 1));
  }
}

void IoLoop::obey(Command command, uint32_t argument) {
  switch (command) {
    case Command::kAdopt:
      return acceptor_.adopt(argument);
    case Command::kRelease:
      return acceptor_.release(argument);
    case Command::kHold:
      return acceptor_.hold(argument != 0);
    case Command::kDrain:
      return departure_.drain((argument & 1) == 0, static_cast<int>(argument >> 1) - 1, fresh_);
    case Command::kStop:
      stopping_ = true;
      return;
  }
}

void IoLoop::shut_down() {
  context_.clock.update();  // what is cut now took until now
  acceptor_.stop();
  taker_.shut_down();
  context_.connections.for_each_live(
      [&](Connection& connection) { writer_.abort(connection, AbortReason::kShutdown); });
  free_closed();
  context_.access_log.close();
  count_log();
}

}  // namespace tsuwsgi::server
