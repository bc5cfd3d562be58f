#include "server/accept_connections.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "net/socket_io.h"

namespace tsuwsgi::server {

namespace {
/// Connections taken from one queue in a turn: others get their share.
constexpr int kBurst = 64;
/// The same for a queue that other loops poll as well.
constexpr int kSharedBurst = 16;
/// Drained at most: as many as can wait in one queue (--listen).
constexpr int kMostWaiting = 65536;
/// How long the queues are left alone when the process is out of descriptors.
constexpr int64_t kPauseMs = 100;
}  // namespace

void Acceptor::start() {
  wanted_.assign(context_.options.queues.size(), false);
  shared_burst_.assign(wanted_.size(), 1);
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const QueueOptions& queue = context_.options.queues[i];
    wanted_[i] = queue.shared || (queue.own && queue.loop == context_.index);
    if (queue.shared) shared_.push_back(static_cast<uint32_t>(i));
  }
  held_ = context_.options.held;
  if (!held_) poll_all();
}

void Acceptor::poll_all() {
  for (uint32_t i = 0; i < wanted_.size(); ++i) {
    if (wanted_[i]) poll(i);
  }
}

void Acceptor::unpoll_all() {
  for (uint32_t i = 0; i < wanted_.size(); ++i) {
    if (wanted_[i]) unpoll(i);
  }
}

void Acceptor::poll(uint32_t queue) {
  const QueueOptions& options = context_.options.queues[queue];
  const uint64_t token = kTokenBit | queue;
  options.shared ? context_.poller.add_shared_listener(options.fd, token)
                 : context_.poller.add_listener(options.fd, token);
}

void Acceptor::unpoll(uint32_t queue) {
  const QueueOptions& options = context_.options.queues[queue];
  options.shared ? context_.poller.remove_shared_listener(options.fd) : context_.poller.remove(options.fd);
}

void Acceptor::adopt(uint32_t queue) {
  if (stopped_ || queue >= wanted_.size() || wanted_[queue]) return;
  wanted_[queue] = true;
  if (!paused_ && !held_) poll(queue);
}

void Acceptor::release(uint32_t queue) {
  if (queue >= wanted_.size() || !wanted_[queue] || context_.options.queues[queue].shared) return;
  wanted_[queue] = false;
  if (!paused_ && !held_) unpoll(queue);
}

void Acceptor::hold(bool on) {
  if (stopped_ || held_ == on) return;
  held_ = on;
  if (paused_) return;
  on ? unpoll_all() : poll_all();
}

bool Acceptor::at_capacity() const {
  const uint32_t limit = context_.options.max_connections;
  const uint32_t share = std::max(1u, limit / std::max(1u, context_.options.loops));
  return limit > 0 && context_.connections.live() >= share;
}

void Acceptor::accept(uint32_t queue, std::vector<Connection*>& fresh) {
  if (stopped_ || paused_ || held_ || queue >= wanted_.size() || !wanted_[queue]) return;
  if (!context_.options.queues[queue].shared) {
    take(queue, kBurst, fresh);
    return;
  }
  int& burst = shared_burst_[queue];
  burst = take(queue, burst, fresh) ? std::min(2 * burst, kSharedBurst) : 1;
}

void Acceptor::accept_untold(std::vector<Connection*>& fresh) {
  if (!context_.poller.shared_listeners_are_outside()) return;
  for (const uint32_t queue : shared_) accept(queue, fresh);
}

bool Acceptor::take(uint32_t queue, int most, std::vector<Connection*>& fresh) {
  const QueueOptions& options = context_.options.queues[queue];
  for (int taken = 0; taken < most; ++taken) {
    if (at_capacity()) {
      pause(0);
      return false;
    }
    net::AcceptResult result = net::accept_connection(options.fd);
    if (result.state == net::AcceptState::kEmpty) return false;
    if (result.state == net::AcceptState::kTransient) continue;
    if (result.state == net::AcceptState::kNoResource) {
      log_pause(result.error);
      pause(context_.clock.now_ms() + kPauseMs);
      return false;
    }
    context_.counters.accepted.add();
    fresh.push_back(
        &context_.acquire_connection(std::move(result.fd), result.peer, options.listener, options.protocol));
  }
  return true;
}

void Acceptor::accept_last(bool shared_too, std::vector<Connection*>& fresh) {
  for (uint32_t queue = 0; queue < wanted_.size(); ++queue) {
    const bool for_others = !shared_too && (held_ || context_.options.queues[queue].shared);
    if (stopped_ || paused_ || for_others || !wanted_[queue]) continue;
    take(queue, kMostWaiting, fresh);
  }
}

void Acceptor::pause(int64_t resume_ms) {
  paused_ = true;
  resume_ms_ = resume_ms;
  context_.counters.accept_pauses.add();
  if (!held_) unpoll_all();
}

void Acceptor::log_pause(int error) {
  if (logged_second_ == context_.clock.wall_seconds()) return;
  logged_second_ = context_.clock.wall_seconds();
  context_.log(1, std::string("accepting pauses: ") + std::strerror(error) +
                      "; raise the limit of open files (ulimit -n, LimitNOFILE) or lower --max-connections");
}

void Acceptor::tick() {
  if (!paused_ || stopped_) return;
  const bool ready = resume_ms_ == 0 ? !at_capacity() : context_.clock.now_ms() >= resume_ms_;
  if (!ready) return;
  paused_ = false;
  if (!held_) poll_all();
}

int Acceptor::resume_in_ms() const {
  if (!paused_ || stopped_ || resume_ms_ == 0) return -1;
  return static_cast<int>(std::max<int64_t>(0, resume_ms_ - context_.clock.now_ms()));
}

void Acceptor::stop() {
  if (!paused_ && !held_ && !stopped_) unpoll_all();
  stopped_ = true;
}

}  // namespace tsuwsgi::server
