#include "server/departure.h"

#include <cstdint>

#include "server/record_resources.h"

namespace tsuwsgi::server {

void Departure::drain(bool shared_too, int taker, std::vector<Connection*>& fresh) {
  if (context_.draining) return;
  context_.draining = true;
  context_.counters.draining.set(1);
  taker_.stop();
  giver_.begin(taker);
  acceptor_.accept_last(shared_too, fresh);
  acceptor_.stop();
  context_.events.append(EventType::kQueuesLeft, 2 * kWordBytes);
  leaves_idle_ = true;
}

void Departure::on_room() {
  giver_.on_room();
  leaves_idle_ = true;
}

void Departure::evacuate_if_due() {
  if (evacuation_.due()) evacuate();
  evacuation_.tick();
}

/// The process is killed in a moment: what waits in queues is for neighbours, connections go to `Evacuation::taker`
/// once their requests are answered or unread.
void Departure::evacuate() {
  context_.draining = true;
  acceptor_.stop();
  taker_.stop();
  giver_.begin(evacuation_.taker());
  if (!context_.events.empty()) sink_.deliver(context_.index, context_.events);
  std::vector<uint8_t> untaken;
  sink_.retract(context_.index, untaken);
  release_event_resources(untaken.data(), untaken.size());
  evacuation_.obey();
  context_.access_log.flush();
  leaves_idle_ = true;
}

void Departure::leave_idle_if_due() {
  if (!leaves_idle_) return;
  leaves_idle_ = false;
  context_.connections.for_each_live([&](Connection& connection) { limits_.update(connection); });
}

void Departure::tell_if_drained() {
  if (!context_.draining || drained_told_ || context_.connections.live() > 0) return;
  drained_told_ = true;
  context_.events.append(EventType::kDrained, 2 * kWordBytes);
  sink_.deliver(context_.index, context_.events);
}

}  // namespace tsuwsgi::server
