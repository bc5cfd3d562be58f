#include "native/server/echo_server.h"

#include <unistd.h>

#include <utility>

#include "base/clock.h"
#include "proto/environ_keys.h"
#include "server/record_resources.h"

namespace tsuwsgi::test {
namespace {

using server::BodyKind;
using server::EventType;
using server::word_at;

constexpr int kBacklog = 128;

std::string text_at(const uint8_t* record, size_t offset, size_t length) {
  return {reinterpret_cast<const char*>(record) + offset, length};
}

std::string read_file(int fd) {
  const base::UniqueFd file(fd);
  std::string content;
  char block[4096];
  for (ssize_t got = 0; (got = ::pread(file.get(), block, sizeof block, static_cast<off_t>(content.size()))) > 0;) {
    content.append(block, static_cast<size_t>(got));
  }
  return content;
}

std::string read_body(uint8_t* record) {
  const auto kind =
      static_cast<BodyKind>((word_at(record, server::kRequestFlags) & server::kFlagBodyMask) >> server::kFlagBodyShift);
  const uint32_t at = word_at(record, server::kRequestBodyAt);
  switch (kind) {
    case BodyKind::kInline:
      return text_at(record, at, word_at(record, server::kRequestBodyLow));
    case BodyKind::kMemory:
      return server::take_body_memory(record)->take();
    case BodyKind::kFile:
      return read_file(static_cast<int>(at));
    case BodyKind::kNone:
    case BodyKind::kStream:
      break;
  }
  return {};
}

std::map<std::string, std::string> read_pairs(const uint8_t* record) {
  std::map<std::string, std::string> environ;
  const size_t text = word_at(record, server::kRequestTextAt);
  uint32_t word = server::kRequestFirstPair;
  for (uint32_t left = word_at(record, server::kRequestPairs); left > 0; --left, word += server::kPairWords) {
    const uint32_t key = word_at(record, word);
    const auto id = static_cast<uint16_t>(key >> 16);
    const std::string name = id == proto::kUnknownKey ? text_at(record, text + word_at(record, word + 1), key & 0xFFFF)
                                                      : std::string(proto::environ_key(id));
    environ[name] = text_at(record, text + word_at(record, word + 2), word_at(record, word + 3));
  }
  return environ;
}

void put_words(std::vector<uint8_t>& out, std::initializer_list<uint32_t> words) {
  for (const uint32_t word : words) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&word);
    out.insert(out.end(), bytes, bytes + sizeof word);
  }
}

}  // namespace

std::string SeenRequest::text() const {
  std::string out = method + ' ' + target + '\n';
  for (const auto& [key, value] : environ) out += key + '=' + value + '\n';
  return out + '\n' + body;
}

EchoServer::EchoServer(const server::ServerOptions& options, Protocol protocol) : options_(options) {
  listener_ = std::move(net::listen_tcp({"127.0.0.1", 0}, kBacklog, false).value());
  server::QueueOptions queue;
  queue.fd = listener_.fd.get();
  queue.protocol = protocol;
  options_.queues = {queue};
  options_.on_js_thread = false;
  if (options_.measures()) shared_.measure(options_.board, 1);
  loop_ = std::make_unique<server::IoLoop>(options_, shared_, 0, *this);
  application_thread_ = std::thread([this] { run_application(); });
  loop_thread_ = std::thread([this] { loop_->run(); });
}

EchoServer::~EchoServer() {
  loop_->command(server::IoLoop::Command::kStop);
  loop_thread_.join();
  stopping_ = true;
  application_poller_.wake();
  application_thread_.join();
  std::vector<uint8_t> left;
  events_.take(left);
  server::release_event_resources(left.data(), left.size());
}

void EchoServer::deliver(uint32_t /*loop*/, server::RecordQueue& events) {
  const bool first = events_.post(events.bytes().data(), events.bytes().size());
  events.clear();
  if (first) application_poller_.wake();
}

void EchoServer::run_application() {
  std::vector<uint8_t> records;
  std::vector<uint8_t> operations;
  while (!stopping_) {
    application_poller_.wait(-1);
    application_poller_.clear_wake();
    records.clear();
    events_.take(records);
    operations.clear();
    for (size_t at = 0; at < records.size(); at += server::record_size(records.data() + at)) {
      handle(records.data() + at, operations);
    }
    if (!operations.empty()) loop_->post(operations.data(), operations.size());
  }
}

void EchoServer::handle(uint8_t* record, std::vector<uint8_t>& operations) {
  if (server::record_type(record) != static_cast<uint8_t>(EventType::kRequest)) return;
  shared_.pending.fetch_sub(1, std::memory_order_relaxed);
  shared_.begin_request(word_at(record, server::kRequestSlot), base::monotonic_us());
  SeenRequest seen = read_request(record);
  seen.body = read_body(record);
  answer(record, seen, operations);
}

SeenRequest EchoServer::read_request(const uint8_t* record) {
  const uint32_t flags = word_at(record, server::kRequestFlags);
  const uint32_t id = word_at(record, server::kRequestTemplate);
  SeenRequest seen;
  if ((flags & server::kFlagTemplateHit) != 0) {
    seen = templates_.at(id);
    ++template_hits_;
  }
  if ((flags & server::kFlagTemplateHit) == 0) seen.environ = read_pairs(record);
  if ((flags & server::kFlagSameLine) == 0) {
    const size_t text = word_at(record, server::kRequestTextAt);
    const uint32_t method = word_at(record, server::kRequestMethodLength);
    seen.method = text_at(record, text, method);
    seen.target = text_at(record, text + method, word_at(record, server::kRequestTargetLength));
  }
  if (id != 0) templates_[id] = seen;
  return seen;
}

void EchoServer::answer(const uint8_t* record, const SeenRequest& seen, std::vector<uint8_t>& operations) const {
  const std::string head = "OK\r\nContent-Type: text/plain\r\n";
  const std::string body = seen.text();
  const size_t size = server::padded(server::kOpData * server::kWordBytes + head.size() + body.size());
  const size_t start = operations.size();
  const auto word_zero = static_cast<uint32_t>(server::OpType::kRespond) << server::kTypeShift;
  put_words(operations, {word_zero | static_cast<uint32_t>(size), word_at(record, server::kRequestSlot),
                         word_at(record, server::kRequestGeneration), 200, 0, static_cast<uint32_t>(head.size()),
                         static_cast<uint32_t>(body.size()), UINT32_MAX, UINT32_MAX, 1});
  operations.insert(operations.end(), head.begin(), head.end());
  operations.insert(operations.end(), body.begin(), body.end());
  operations.resize(start + size);
}

}  // namespace tsuwsgi::test
