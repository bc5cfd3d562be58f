#pragma once

#include "server/loop_context.h"
#include "server/write_response.h"

namespace tsuwsgi::server {

/// While draining: gives each connection, as soon as it is between two requests, to another worker, with the bytes that
/// were read and not used. Its peer notices nothing. Belongs to one loop.
class ConnectionGiver {
 public:
  ConnectionGiver(LoopContext& context, ResponseWriter& writer) : context_(context), writer_(writer) {}

  /// From now on connections go into this channel (net/descriptor_channel.h), which stays the caller's. Not into one
  /// that was named before.
  void begin(int channel);

  enum class Outcome : uint8_t {
    kGiven,  ///< it is over for this loop
    kWaits,  ///< the channel is full: it is served on, and tried again when there is room
    kStays,  ///< nobody takes connections, or this one cannot be given (now)
  };
  /// To be called for a connection between two requests.
  Outcome give(Connection& connection, bool in_head);

  /// The poller's token for "there may be room again".
  static constexpr uint64_t kRoomToken = (uint64_t{1} << 62) | 1;
  void on_room() { full_ = false; }

 private:
  static bool is_complete_as_data(const Connection& connection);
  void wait_for_room();

  LoopContext& context_;
  ResponseWriter& writer_;
  int channel_ = -1;
  bool full_ = false;
  bool watches_room_ = false;
};

}  // namespace tsuwsgi::server
