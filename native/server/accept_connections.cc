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
/// How long the queues are left alone when the process is out of descriptors.
constexpr int64_t kPauseMs = 100;
}  // namespace

void Acceptor::start() {
  wanted_.assign(context_.options.queues.size(), false);
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const QueueOptions& queue = context_.options.queues[i];
    wanted_[i] = queue.own && queue.loop == context_.index;
  }
  poll_all();
}

void Acceptor::poll_all() {
  for (uint32_t i = 0; i < wanted_.size(); ++i) {
    if (wanted_[i]) context_.poller.add_listener(context_.options.queues[i].fd, kTokenBit | i, true);
  }
}

void Acceptor::unpoll_all() {
  for (uint32_t i = 0; i < wanted_.size(); ++i) {
    if (wanted_[i]) context_.poller.remove(context_.options.queues[i].fd);
  }
}

void Acceptor::adopt(uint32_t queue) {
  if (stopped_ || queue >= wanted_.size() || wanted_[queue]) return;
  wanted_[queue] = true;
  if (!paused_) context_.poller.add_listener(context_.options.queues[queue].fd, kTokenBit | queue, true);
}

void Acceptor::release(uint32_t queue) {
  if (queue >= wanted_.size() || !wanted_[queue]) return;
  wanted_[queue] = false;
  if (!paused_) context_.poller.remove(context_.options.queues[queue].fd);
}

bool Acceptor::at_capacity() const {
  const uint32_t limit = context_.options.max_connections;
  const uint32_t share = std::max(1u, limit / std::max(1u, context_.options.loops));
  return limit > 0 && context_.connections.live() >= share;
}

void Acceptor::accept(uint32_t queue, std::vector<Connection*>& fresh) {
  if (stopped_ || paused_ || queue >= wanted_.size() || !wanted_[queue]) return;
  for (int taken = 0; taken < kBurst; ++taken) {
    if (at_capacity()) return pause(0);
    net::AcceptResult result = net::accept_connection(context_.options.queues[queue].fd);
    if (result.state == net::AcceptState::kEmpty) return;
    if (result.state == net::AcceptState::kTransient) continue;
    if (result.state == net::AcceptState::kNoResource) {
      log_pause(result.error);
      return pause(context_.clock.now_ms() + kPauseMs);
    }
    Connection& connection = context_.connections.acquire();
    connection.fd = std::move(result.fd);
    connection.output.set_owner(&context_);
    connection.peer = result.peer;
    connection.listener = context_.options.queues[queue].listener;
    context_.counters.accepted.add();
    context_.counters.connections.add();
    fresh.push_back(&connection);
  }
}

void Acceptor::accept_last(std::vector<Connection*>& fresh) {
  for (uint32_t queue = 0; queue < wanted_.size(); ++queue) {
    for (size_t before = SIZE_MAX; before != fresh.size();) {
      before = fresh.size();
      accept(queue, fresh);
    }
  }
}

void Acceptor::pause(int64_t resume_ms) {
  paused_ = true;
  resume_ms_ = resume_ms;
  context_.counters.accept_pauses.add();
  unpoll_all();
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
  poll_all();
}

int Acceptor::resume_in_ms() const {
  if (!paused_ || stopped_ || resume_ms_ == 0) return -1;
  return static_cast<int>(std::max<int64_t>(0, resume_ms_ - context_.clock.now_ms()));
}

void Acceptor::stop() {
  if (!paused_ && !stopped_) unpoll_all();
  stopped_ = true;
}

}  // namespace tsuwsgi::server
