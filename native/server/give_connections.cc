#include "server/give_connections.h"

#include <algorithm>
#include <string>

#include "net/descriptor_channel.h"
#include "server/kept_connection.h"

namespace tsuwsgi::server {

namespace {
using Phase = Connection::Phase;

/// How much of its limit is left; below 0: it begins anew.
int64_t remaining_ms(const Connection& connection, bool in_head, int64_t now_ms) {
  const Phase phase = in_head ? Phase::kHead : Phase::kIdle;
  return connection.phase == phase ? std::max<int64_t>(0, connection.deadline_ms - now_ms) : -1;
}
}  // namespace

void ConnectionGiver::begin(int channel) {
  // A worker that drains may be condemned, and others take its connections then: the room of the channel before says
  // nothing of this one's.
  if (watches_room_) context_.poller.remove(channel_);
  watches_room_ = false;
  full_ = false;
  channel_ = channel;
  context_.has_taker = channel >= 0;
}

/// A half-closed one has to be answered or ended here: the news of its end has been read.
bool ConnectionGiver::is_complete_as_data(const Connection& connection) {
  return connection.requests.front == nullptr && connection.reading == nullptr && connection.output.empty() &&
         !connection.close_after_output && !connection.discard_input && !connection.peer_eof &&
         connection.pending_input().size() <= kMostKeptInput;
}

ConnectionGiver::Outcome ConnectionGiver::give(Connection& connection, bool in_head) {
  if (channel_ < 0 || !is_complete_as_data(connection)) return Outcome::kStays;
  if (full_) return Outcome::kWaits;
  KeptConnection kept;
  kept.listener = connection.listener;
  kept.peer = connection.peer;
  kept.protocol = connection.protocol;
  kept.in_head = in_head || connection.phase == Phase::kHead;
  kept.remaining_ms = remaining_ms(connection, kept.in_head, context_.clock.now_ms());
  kept.input = connection.pending_input();
  switch (net::send_descriptor(channel_, connection.fd.get(), encode_facts(kept), kept.input)) {
    case net::SendState::kFull:
      wait_for_room();
      return Outcome::kWaits;
    case net::SendState::kRefused:
      return Outcome::kStays;
    case net::SendState::kSent:
      break;
  }
  // Our poller would tell of it as long as anybody has it open.
  context_.poller.remove(connection.fd.get());
  context_.counters.given.add();
  writer_.let_go(connection);
  return Outcome::kGiven;
}

void ConnectionGiver::wait_for_room() {
  full_ = true;
  if (watches_room_) return;
  watches_room_ = true;
  context_.poller.add_stream(channel_, kRoomToken);
}

}  // namespace tsuwsgi::server
