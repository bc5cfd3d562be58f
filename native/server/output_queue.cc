#include "server/output_queue.h"

#include <utility>

#include "base/check.h"

namespace tsuwsgi::server {

namespace {
/// A connection that waits for its next request keeps no more output memory than this.
constexpr size_t kKeptCapacity = 4096;
constexpr size_t kMaxParts = 16;
constexpr size_t kDropBytes = 64 * 1024;

/// A response that goes on for ever to a client that never catches up must not keep what was sent. Each byte is moved
/// at most once or so.
template <class Offset>
void drop_sent(std::string& bytes, Offset& sent) {
  if (sent < kDropBytes || sent < bytes.size() / 2) return;
  bytes.erase(0, static_cast<size_t>(sent));
  sent = 0;
}
}  // namespace

std::string_view OutputQueue::Segment::memory() const {
  if (lent.data == nullptr) return std::string_view(bytes).substr(offset);
  return {reinterpret_cast<const char*>(lent.data) + offset, lent.size - offset};
}

uint64_t OutputQueue::Segment::left() const { return file.valid() ? size : memory().size(); }

std::string& OutputQueue::tail() {
  if (later_ == nullptr) return bytes_;
  Segment& last = later_->back();
  if (last.file.valid() || last.lent.data != nullptr) return add_segment().bytes;
  return last.bytes;
}

OutputQueue::Segment& OutputQueue::add_segment() {
  if (later_ == nullptr) later_ = std::make_unique<std::deque<Segment>>();
  return later_->emplace_back();
}

void OutputQueue::drop_front() {
  later_->pop_front();
  if (later_->empty()) later_.reset();
}

void OutputQueue::add_lent(LentBytes bytes) { add_segment().lent = bytes; }

void OutputQueue::add_file(base::UniqueFd file, uint64_t offset, uint64_t size) {
  Segment& segment = add_segment();
  segment.file = std::move(file);
  segment.offset = offset;
  segment.size = size;
}

void OutputQueue::take(OutputQueue& other) {
  if (other.empty()) return;
  tail().append(other.bytes_, other.sent_, std::string::npos);
  while (other.later_ != nullptr) {
    add_segment() = std::move(other.later_->front());
    other.drop_front();
  }
  other.bytes_.clear();
  other.sent_ = 0;
}

uint64_t OutputQueue::size() const {
  uint64_t total = bytes_.size() - sent_;
  if (later_ == nullptr) return total;
  for (const Segment& segment : *later_) total += segment.left();
  return total;
}

net::IoState OutputQueue::flush(int socket, uint64_t& sent) {
  while (!empty()) {
    const net::IoState state = flush_front(socket, sent);
    if (state != net::IoState::kOk) return state;
  }
  shrink();
  return net::IoState::kOk;
}

net::IoState OutputQueue::flush_front(int socket, uint64_t& sent) {
  if (sent_ == bytes_.size() && later_ != nullptr && later_->front().file.valid()) return flush_file(socket, sent);
  return flush_memory(socket, sent);
}

net::IoState OutputQueue::flush_memory(int socket, uint64_t& sent) {
  net::IoResult result;
  if (later_ == nullptr) {
    result = net::send_bytes(socket, bytes_.data() + sent_, bytes_.size() - sent_);
  } else {
    iovec parts[kMaxParts];
    size_t count = 0;
    const auto add = [&](std::string_view memory) {
      if (!memory.empty()) parts[count++] = {const_cast<char*>(memory.data()), memory.size()};
    };
    add(std::string_view(bytes_).substr(sent_));
    for (const Segment& segment : *later_) {
      if (count == kMaxParts || segment.file.valid()) break;
      add(segment.memory());
    }
    if (count > 0) {
      result = net::send_vector(socket, parts, count);
    } else {
      result.state = net::IoState::kOk;
    }
  }
  if (result.state != net::IoState::kOk) return result.state;
  sent += result.bytes;
  advance(result.bytes);
  return net::IoState::kOk;
}

net::IoState OutputQueue::flush_file(int socket, uint64_t& sent) {
  Segment& segment = later_->front();
  if (segment.size > 0) {
    const net::IoResult result = net::send_file(socket, segment.file.get(), segment.offset, segment.size);
    if (result.state != net::IoState::kOk) return result.state;
    sent += result.bytes;
    segment.size -= result.bytes;
  }
  if (segment.size == 0) drop_front();
  return net::IoState::kOk;
}

void OutputQueue::advance(size_t bytes) {
  const size_t own = std::min(bytes, bytes_.size() - sent_);
  sent_ += own;
  bytes -= own;
  drop_sent(bytes_, sent_);
  while (later_ != nullptr && !later_->front().file.valid()) {
    Segment& segment = later_->front();
    const size_t taken = std::min<size_t>(bytes, segment.memory().size());
    segment.offset += taken;
    bytes -= taken;
    if (!segment.memory().empty()) {
      if (segment.lent.data == nullptr) drop_sent(segment.bytes, segment.offset);
      return;
    }
    give_back(segment);
    drop_front();
  }
  TSUWSGI_DCHECK(bytes == 0);
}

void OutputQueue::give_back(Segment& segment) {
  if (segment.lent.data != nullptr && owner_ != nullptr) owner_->released(segment.lent.id);
  segment.lent = {};
}

void OutputQueue::shrink() {
  sent_ = 0;
  bytes_.clear();
  if (bytes_.capacity() > kKeptCapacity) std::string().swap(bytes_);
}

void OutputQueue::clear() {
  if (later_ != nullptr) {
    // What is given back is told to the owner, who may look at this.
    const std::unique_ptr<std::deque<Segment>> given_up = std::move(later_);
    for (Segment& segment : *given_up) give_back(segment);
  }
  shrink();
}

}  // namespace tsuwsgi::server
