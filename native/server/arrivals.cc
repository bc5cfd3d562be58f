#include "server/arrivals.h"

#include <utility>

namespace tsuwsgi::server {

Arrivals::Place& Arrivals::place(uint32_t loop) {
  if (loop >= places_.size()) places_.resize(loop + 1);
  return places_[loop];
}

void Arrivals::join(uint32_t loop, net::Poller& poller, const Counters& counters) {
  const std::lock_guard<std::mutex> lock(mutex_);
  place(loop).poller = &poller;
  place(loop).counters = &counters;
}

void Arrivals::leave(uint32_t loop) {
  const std::lock_guard<std::mutex> lock(mutex_);
  place(loop).poller = nullptr;
  place(loop).counters = nullptr;
}

uint32_t Arrivals::least_busy(uint32_t receiver) const {
  uint32_t best = receiver;
  uint64_t fewest = ~uint64_t{0};
  for (uint32_t loop = 0; loop < places_.size(); ++loop) {
    const Place& candidate = places_[loop];
    if (candidate.counters == nullptr) continue;
    const uint64_t load = candidate.counters->connections.get() + candidate.waiting.size();
    if (load >= fewest) continue;
    best = loop;
    fewest = load;
  }
  return best;
}

void Arrivals::add(KeptConnection connection, uint32_t receiver) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Place& chosen = place(least_busy(receiver));
  chosen.waiting.push_back(std::move(connection));
  if (chosen.poller != nullptr) chosen.poller->wake();
}

void Arrivals::take(uint32_t loop, std::vector<KeptConnection>& out) {
  const std::lock_guard<std::mutex> lock(mutex_);
  place(loop).waiting.swap(out);
}

}  // namespace tsuwsgi::server
