#include "server/take_connections.h"

#include <algorithm>
#include <string>
#include <utility>

#include "net/descriptor_channel.h"

namespace tsuwsgi::server {

namespace {
/// Connections taken in one turn: those that are here already get their share.
constexpr int kBurst = 64;
/// How long the channel is left alone when the process is out of descriptors.
constexpr int64_t kPauseMs = 100;

size_t buffer_size() { return facts_size() + kMostKeptInput; }
}  // namespace

void ConnectionTaker::start() {
  if (context_.options.hand_over_fd < 0) return;
  for (const QueueOptions& queue : context_.options.queues) listeners_ = std::max(listeners_, queue.listener + 1);
  context_.shared.arrivals.join(context_.index, context_.poller, context_.counters);
  if (context_.index == 0) polled_ = context_.poller.add_listener(context_.options.hand_over_fd, kToken);
}

void ConnectionTaker::stop() {
  if (context_.options.hand_over_fd < 0) return;
  context_.shared.arrivals.leave(context_.index);
  if (polled_) context_.poller.remove(context_.options.hand_over_fd);
  polled_ = false;
  resume_ms_ = 0;
}

void ConnectionTaker::shut_down() {
  stop();
  context_.shared.arrivals.take(context_.index, arrived_);
  arrived_.clear();
}

void ConnectionTaker::receive() {
  if (!polled_) return;
  if (buffer_ == nullptr) buffer_.reset(new char[buffer_size()]);
  for (int taken = 0; taken < kBurst && receive_one(); ++taken) continue;
}

/// Whether there may be more.
bool ConnectionTaker::receive_one() {
  net::ReceivedDescriptor received =
      net::receive_descriptor(context_.options.hand_over_fd, buffer_.get(), buffer_size());
  switch (received.state) {
    case net::ReceiveState::kEmpty:
      return false;
    case net::ReceiveState::kNoDescriptors:
      pause();
      return false;
    case net::ReceiveState::kBroken:
      stop();
      return false;
    case net::ReceiveState::kMalformed:
      report_malformed();
      return true;
    case net::ReceiveState::kReceived:
      break;
  }
  KeptConnection kept;
  if (!decode_message({buffer_.get(), received.bytes}, listeners_, kept)) {
    report_malformed();
    return true;
  }
  kept.fd = std::move(received.fd);
  context_.shared.arrivals.add(std::move(kept), context_.index);
  return true;
}

void ConnectionTaker::report_malformed() {
  context_.log(1, "a connection that another worker gave away was closed: its message cannot be read here");
}

void ConnectionTaker::pause() {
  context_.poller.remove(context_.options.hand_over_fd);
  polled_ = false;
  resume_ms_ = context_.clock.now_ms() + kPauseMs;
  context_.counters.accept_pauses.add();
}

void ConnectionTaker::tick() {
  if (resume_ms_ == 0 || context_.clock.now_ms() < resume_ms_) return;
  resume_ms_ = 0;
  polled_ = context_.poller.add_listener(context_.options.hand_over_fd, kToken);
}

int ConnectionTaker::resume_in_ms() const {
  if (resume_ms_ == 0) return -1;
  return static_cast<int>(std::max<int64_t>(0, resume_ms_ - context_.clock.now_ms()));
}

void ConnectionTaker::adopt(std::vector<Connection*>& fresh) {
  if (context_.options.hand_over_fd < 0) return;
  context_.shared.arrivals.take(context_.index, arrived_);
  for (KeptConnection& kept : arrived_) adopt_one(kept, fresh);
  arrived_.clear();
}

void ConnectionTaker::adopt_one(KeptConnection& kept, std::vector<Connection*>& fresh) {
  Connection& connection = context_.acquire_connection(std::move(kept.fd), kept.peer, kept.listener, kept.protocol);
  connection.input = std::move(kept.input);
  connection.more_to_read = true;
  connection.held = context_.holds_input;
  const int64_t limit = kept.in_head ? context_.options.header_timeout_ms : context_.options.keep_alive_timeout_ms;
  const int64_t whole = limit > 0 ? limit : Connection::kNever;
  const int64_t left = kept.remaining_ms < 0 ? whole : std::min(kept.remaining_ms, whole);
  connection.phase = kept.in_head ? Connection::Phase::kHead : Connection::Phase::kIdle;
  context_.wheel.set(connection, context_.clock.now_ms() + left);
  context_.counters.taken.add();
  fresh.push_back(&connection);
}

}  // namespace tsuwsgi::server
