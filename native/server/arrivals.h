#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "net/poller.h"
#include "server/counters.h"
#include "server/kept_connection.h"

namespace tsuwsgi::server {

/// Connections that one loop received from another process, on their way to the loop of the same worker that has the
/// fewest. Every method may be called on any thread.
class Arrivals {
 public:
  /// A loop that takes arrivals from now on. Its poller is rung when one comes; both must live until `leave`.
  void join(uint32_t loop, net::Poller& poller, const Counters& counters);
  /// Nothing more for this loop, where there is another one.
  void leave(uint32_t loop);
  /// Gives the connection to a loop. It stays with `receiver` where no loop has joined.
  void add(KeptConnection connection, uint32_t receiver);
  /// Swaps what came for the loop into `out`, which must be empty.
  void take(uint32_t loop, std::vector<KeptConnection>& out);

 private:
  struct Place {
    net::Poller* poller = nullptr;
    const Counters* counters = nullptr;
    std::vector<KeptConnection> waiting;
  };
  Place& place(uint32_t loop);
  uint32_t least_busy(uint32_t receiver) const;

  std::mutex mutex_;
  std::vector<Place> places_;  // guarded by mutex_
};

}  // namespace tsuwsgi::server
