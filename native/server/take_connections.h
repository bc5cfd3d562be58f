#pragma once

#include <memory>
#include <vector>

#include "server/kept_connection.h"
#include "server/loop_context.h"

namespace tsuwsgi::server {

/// Takes connections that other workers give away, and goes on with them as if they had been accepted here and their
/// unread bytes had just been read. The worker's first loop receives them and spreads them over all. --max-connections
/// is no reason to refuse one: it exists already. Belongs to one loop.
class ConnectionTaker {
 public:
  explicit ConnectionTaker(LoopContext& context) : context_(context) {}

  void start();
  /// Draining: what is in the channel is for somebody else.
  void stop();
  /// The worker ends at once: what is on its way to this loop closes too.
  void shut_down();

  /// The poller's token for the channel.
  static constexpr uint64_t kToken = uint64_t{1} << 62;
  /// Something may be in the channel: takes a bounded number.
  void receive();
  /// What has come for this loop, as connections; each is in the wheel already.
  void adopt(std::vector<Connection*>& fresh);

  /// To be called once a turn: resumes where the process was out of descriptors.
  void tick();
  /// Milliseconds until then, -1: it does not pause.
  int resume_in_ms() const;

 private:
  bool receive_one();
  void pause();
  void report_malformed();
  void adopt_one(KeptConnection& kept, std::vector<Connection*>& fresh);

  LoopContext& context_;
  std::unique_ptr<char[]> buffer_;
  uint32_t listeners_ = 0;
  bool polled_ = false;
  int64_t resume_ms_ = 0;  ///< 0: not paused
  std::vector<KeptConnection> arrived_;
};

}  // namespace tsuwsgi::server
