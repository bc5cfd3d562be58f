#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mailbox.h"
#include "net/listener.h"
#include "net/poller.h"
#include "server/io_loop.h"

namespace tsuwsgi::test {

/// What the application side knows of a request, put together from the records as JavaScript does it.
struct SeenRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> environ;
  std::string body;

  /// One line for method and target, one for each environ entry, an empty one, the body.
  std::string text() const;
};

/// An I/O loop on a thread of its own, as in pool mode, and a second thread in the place of JavaScript that answers
/// each request with the text of what it saw. Listens on a port of 127.0.0.1 that the kernel chooses. The destructor
/// stops and joins both.
class EchoServer final : public server::RequestSink {
 public:
  explicit EchoServer(const server::ServerOptions& options, Protocol protocol = Protocol::http);
  ~EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  uint16_t port() const { return listener_.port; }
  /// Requests whose header section came as a template's number.
  uint64_t template_hits() const { return template_hits_; }
  const server::Counters& counters() const { return loop_->counters(); }

 private:
  /// A header section the core has announced; the line is that of its last use.
  using Templates = std::map<uint32_t, SeenRequest>;

  void deliver(uint32_t loop, server::RecordQueue& events) override;  // loop thread
  void run_application();                                             // application thread, like all below
  void handle(uint8_t* record, std::vector<uint8_t>& operations);
  SeenRequest read_request(const uint8_t* record);
  void answer(const uint8_t* record, const SeenRequest& seen, std::vector<uint8_t>& operations) const;

  server::ServerOptions options_;
  net::Listener listener_;
  server::SharedState shared_;
  base::Mailbox events_;
  net::Poller application_poller_;
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> template_hits_{0};
  Templates templates_;
  std::unique_ptr<server::IoLoop> loop_;
  std::thread loop_thread_;
  std::thread application_thread_;
};

}  // namespace tsuwsgi::test
