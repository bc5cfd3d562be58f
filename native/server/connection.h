#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/socket_io.h"
#include "net/timer_wheel.h"
#include "proto/http1/body_decoder.h"
#include "proto/http1/head_parser.h"
#include "server/output_queue.h"
#include "server/protocol.h"

namespace tsuwsgi::server {

struct Request;

/// The requests of one connection in the order they came; the front one owns the output.
struct RequestLine {
  Request* front = nullptr;
  Request* back = nullptr;
  uint32_t count = 0;
  void push(Request* request);
  void pop();
  /// Takes `first` and all behind it out of the line, which does not own them.
  void cut(const Request& first);
};

/// A head that has arrived in part: the parser keeps its place in it.
struct PartialHead {
  explicit PartialHead(const proto::RequestLimits& limits) : parser(limits) {}
  http1::HeadParser parser;
  http1::RequestHead head;
};

/// One TCP stream. An idle one is small and complete as data: descriptor, peer, listener, unread bytes. Belongs to one
/// loop.
struct Connection : net::TimerNode {
  /// Which limit `deadline_ms` stands for.
  enum class Phase : uint8_t {
    kIdle,       ///< nothing of a request has come: --keepalive-timeout (a fresh connection: --header-timeout)
    kHead,       ///< --header-timeout, from the first byte
    kBody,       ///< --body-timeout and --min-rate
    kAnswering,  ///< JavaScript works on it: no limit of the connection
    kSending,    ///< output waits for the peer: --send-timeout and --min-rate
    kLingering,  ///< answered with an error; unread bytes are thrown away so that the answer arrives
  };

  /// A deadline of its own, for what has no limit: the wheel looks now and then and finds nothing to do.
  static constexpr int64_t kNever = INT64_MAX / 4;

  // The slab's part.
  uint32_t slot = 0;
  uint32_t generation = 1;
  bool live = false;

  base::UniqueFd fd;
  uint32_t listener = 0;
  net::PeerName peer;
  Protocol protocol = Protocol::http;  ///< its listener's
  Phase phase = Phase::kIdle;

  bool announced = false;     ///< JavaScript has its PEER record
  bool more_to_read = false;  ///< the last read may not have emptied the socket (edge-triggered)
  bool fin_arrived =
      false;  ///< the poller has told of the peer's FIN: it is read behind the last bytes, without another edge
  bool peer_eof = false;        ///< the peer will send nothing more (half-close)
  bool output_blocked = false;  ///< the socket took less than we had; wait for its edge
  bool close_after_output = false;
  bool dirty = false;          ///< on the loop's list of connections with something to send
  bool resumable = false;      ///< on the loop's list of connections that may go on
  bool closing = false;        ///< closed at the end of this turn
  bool discard_input = false;  ///< refused: nothing more is parsed
  bool held = false;           ///< its unread bytes are for the worker that takes it: nothing is read meanwhile

  std::string input;  ///< unread bytes that did not fit one turn
  size_t input_start = 0;
  OutputQueue output;
  RequestLine requests;
  RequestLine finished;        ///< answered, but the kernel has not taken all of it; only where somebody looks
  Request* reading = nullptr;  ///< whose body is arriving
  std::unique_ptr<PartialHead> partial;
  http1::BodyDecoder decoder;
  int32_t head_cache_hint = -1;  ///< entry of the head cache that its last request used

  // --min-rate: what moved since the window began.
  int64_t window_end_ms = 0;
  uint64_t window_bytes = 0;
  uint64_t window_unacknowledged = 0;  ///< sending: what the kernel held when the window began

  std::string_view pending_input() const { return std::string_view(input).substr(input_start); }
  /// Whether an answer lets something go on that has arrived: more requests, or the peer's end.
  bool has_unread() const { return more_to_read || peer_eof || input_start < input.size(); }
  void reset();
};

}  // namespace tsuwsgi::server
