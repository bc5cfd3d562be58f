#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "native/server/operations.h"
#include "net/listener.h"
#include "server/io_loop.h"

namespace tsuwsgi::test {

/// A client that never blocks, so that one thread can play both sides.
class LoopClient {
 public:
  /// `receive_buffer` > 0: SO_RCVBUF, for clients that take little at once.
  explicit LoopClient(uint16_t port, int receive_buffer = 0);
  ~LoopClient();
  LoopClient(const LoopClient&) = delete;
  LoopClient& operator=(const LoopClient&) = delete;
  /// SO_RCVBUF from here on.
  void set_receive_buffer(int bytes);
  /// How many have their descriptor open. Clients belong to the test's thread.
  static size_t alive();

  void send(std::string_view bytes);
  /// Sends as much as the socket takes; returns how much.
  size_t send_some(std::string_view bytes);
  void finish();
  /// Closes with RST.
  void reset();
  /// Takes what has arrived. `limit` bounds how much.
  void receive(size_t limit = SIZE_MAX);
  const std::string& received() const { return received_; }
  bool has(std::string_view text) {
    receive();
    return received_.find(text) != std::string::npos;
  }
  /// The server has ended the connection (orderly, or by RST).
  bool ended() {
    receive();
    return ended_;
  }
  bool was_reset() const { return was_reset_; }

 private:
  base::UniqueFd socket_;
  std::string received_;
  bool ended_ = false;
  bool was_reset_ = false;
};

/// An event as the application's side sees it.
struct Event {
  server::EventType type = server::EventType::kRequest;
  Handle request;
  uint32_t value = 0;                               ///< of small events
  server::BodyKind kind = server::BodyKind::kNone;  ///< REQUEST
  std::string body;  ///< REQUEST: of every kind but STREAM; BODY: the piece; LOG: the text
};

/// An I/O loop that the test drives turn by turn, in the application's place as well: requests and other events are
/// collected, operations are applied between turns (`apply`) or from inside the delivery (`on_event`), as in loop mode.
/// Destroying it checks that nothing of it is left: descriptors, lent memory, counters.
class LoopFixture final : public server::RequestSink {
 public:
  explicit LoopFixture(const server::ServerOptions& options = {}, bool own_queue = true,
                       Protocol protocol = Protocol::http);
  ~LoopFixture();
  LoopFixture(const LoopFixture&) = delete;
  LoopFixture& operator=(const LoopFixture&) = delete;

  uint16_t port() const { return listener_.port; }
  server::IoLoop& loop() { return *loop_; }
  const server::Counters& counters() const { return loop_->counters(); }
  server::SharedState& shared() { return shared_; }

  /// Called for each event inside the delivery.
  std::function<void(const Event&)> on_event;
  /// Gets bodies of kind MEMORY as the application would; without it they are taken at once.
  std::function<void(std::unique_ptr<server::HeldBody>)> on_body;

  /// Turns until `condition` holds; false after some seconds.
  bool turn_until(const std::function<bool()>& condition);
  /// Turns as long as there is something to do at once.
  void settle();
  void apply(const Operations& operations) { loop_->apply(operations.data(), operations.size()); }

  /// All events so far of one type.
  std::vector<Event> events(server::EventType type) const;
  size_t count(server::EventType type) const { return events(type).size(); }
  /// Waits for the `index`th request.
  Handle request(size_t index);
  /// Ids of lent memory that came back.
  const std::vector<uint32_t>& released() const { return released_; }
  /// Ends everything, as the destructor does.
  void stop();

 private:
  void deliver(uint32_t loop, server::RecordQueue& events) override;
  Event read_event(uint8_t* record);

  const size_t descriptors_before_;
  server::ServerOptions options_;
  net::Listener listener_;
  server::SharedState shared_;
  std::unique_ptr<server::IoLoop> loop_;
  std::vector<Event> events_;
  std::vector<uint32_t> released_;
};

size_t open_descriptors();

}  // namespace tsuwsgi::test
