#include "native/server/loop_fixture.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "native/harness.h"
#include "net/socket_io.h"
#include "server/record_resources.h"

namespace tsuwsgi::test {

namespace {
using server::BodyKind;
using server::EventType;
using server::word_at;

constexpr int64_t kPatienceUs = 8'000'000;
constexpr int kBacklog = 128;

std::string text_at(const uint8_t* record, size_t offset, size_t length) {
  return {reinterpret_cast<const char*>(record) + offset, length};
}

std::string read_file(base::UniqueFd file) {
  std::string content;
  char block[4096];
  for (ssize_t got = 0; (got = ::pread(file.get(), block, sizeof block, static_cast<off_t>(content.size()))) > 0;) {
    content.append(block, static_cast<size_t>(got));
  }
  return content;
}
}  // namespace

size_t open_descriptors() {
  DIR* directory = ::opendir("/proc/self/fd");
  TSUWSGI_CHECK(directory != nullptr);
  size_t count = 0;
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

namespace {
size_t& clients_alive() {
  static size_t count = 0;
  return count;
}
}  // namespace

size_t LoopClient::alive() { return clients_alive(); }

void LoopClient::set_receive_buffer(int bytes) {
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

LoopClient::~LoopClient() {
  if (socket_.valid()) --clients_alive();
}

LoopClient::LoopClient(uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer > 0) set_receive_buffer(receive_buffer);
  ++clients_alive();
  TSUWSGI_CHECK(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

size_t LoopClient::send_some(std::string_view bytes) {
  const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void LoopClient::send(std::string_view bytes) { TSUWSGI_CHECK(send_some(bytes) == bytes.size()); }

void LoopClient::finish() { ::shutdown(socket_.get(), SHUT_WR); }

void LoopClient::reset() {
  net::reset_on_close(socket_.get());
  socket_.reset();
  --clients_alive();
}

void LoopClient::receive(size_t limit) {
  char block[16384];
  while (!ended_ && limit > 0) {
    const ssize_t got = ::recv(socket_.get(), block, std::min(limit, sizeof block), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    ended_ = got <= 0;
    was_reset_ = got < 0;
    if (got <= 0) return;
    received_.append(block, static_cast<size_t>(got));
    limit -= static_cast<size_t>(got);
  }
}

LoopFixture::LoopFixture(const server::ServerOptions& options, bool own_queue, Protocol protocol)
    : descriptors_before_(open_descriptors() - LoopClient::alive()), options_(options) {
  listener_ = std::move(net::listen_tcp({"127.0.0.1", 0}, kBacklog, false).value());
  server::QueueOptions queue;
  queue.fd = listener_.fd.get();
  queue.own = own_queue;
  queue.protocol = protocol;
  options_.queues = {queue};
  if (options_.measures()) shared_.measure(options_.board, 1);
  loop_ = std::make_unique<server::IoLoop>(options_, shared_, 0, *this);
  loop_->start();
}

LoopFixture::~LoopFixture() { stop(); }

void LoopFixture::stop() {
  if (loop_ == nullptr) return;
  loop_->shut_down();
  EXPECT_EQ(counters().in_flight.get(), uint64_t{0});
  EXPECT_EQ(counters().connections.get(), uint64_t{0});
  loop_.reset();
  EXPECT_EQ(shared_.body_memory.load(), uint64_t{0});
  listener_.fd.reset();
  EXPECT_EQ(open_descriptors() - LoopClient::alive(), descriptors_before_);
}

bool LoopFixture::turn_until(const std::function<bool()>& condition) {
  const int64_t give_up = base::monotonic_us() + kPatienceUs;
  while (!condition()) {
    if (base::monotonic_us() > give_up) return false;
    const int timeout = loop_->next_timeout_ms();
    loop_->turn(timeout < 0 ? 5 : std::min(timeout, 5));
  }
  return true;
}

void LoopFixture::settle() {
  while (loop_->turn(0) > 0 || loop_->next_timeout_ms() == 0) continue;
}

std::vector<Event> LoopFixture::events(EventType type) const {
  std::vector<Event> found;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(found),
               [type](const Event& event) { return event.type == type; });
  return found;
}

Handle LoopFixture::request(size_t index) {
  if (turn_until([&] { return count(EventType::kRequest) > index; })) return events(EventType::kRequest)[index].request;
  EXPECT_EQ(count(EventType::kRequest), index + 1);
  return {};
}

Event LoopFixture::read_event(uint8_t* record) {
  Event event;
  event.type = static_cast<EventType>(server::record_type(record));
  event.request = {word_at(record, 1), server::record_size(record) > 8 ? word_at(record, 2) : 0};
  if (event.type == EventType::kBody) event.body = text_at(record, 16, word_at(record, 3));
  if (event.type == EventType::kLog)
    event.body = text_at(record, server::kLogWords * server::kWordBytes, word_at(record, 2));
  if (server::record_size(record) >= 16) event.value = word_at(record, 3);
  if (event.type != EventType::kRequest) return event;
  shared_.pending.fetch_sub(1);
  shared_.begin_request(event.request.slot, base::monotonic_us());
  event.kind =
      static_cast<BodyKind>((word_at(record, server::kRequestFlags) & server::kFlagBodyMask) >> server::kFlagBodyShift);
  const uint32_t at = word_at(record, server::kRequestBodyAt);
  if (event.kind == BodyKind::kInline) event.body = text_at(record, at, word_at(record, server::kRequestBodyLow));
  if (event.kind == BodyKind::kFile) event.body = read_file(base::UniqueFd(static_cast<int>(at)));
  if (event.kind != BodyKind::kMemory) return event;
  std::unique_ptr<server::HeldBody> held = server::take_body_memory(record);
  if (on_body) {
    on_body(std::move(held));
  } else {
    event.body = held->take();
  }
  return event;
}

void LoopFixture::deliver(uint32_t, server::RecordQueue& events) {
  std::vector<uint8_t> bytes;
  events.swap_into(bytes);
  for (size_t at = 0; at < bytes.size(); at += server::record_size(bytes.data() + at)) {
    const Event event = read_event(bytes.data() + at);
    if (event.type == EventType::kReleased) released_.push_back(event.request.slot);
    events_.push_back(event);
    if (on_event) on_event(event);
  }
}

}  // namespace tsuwsgi::test
