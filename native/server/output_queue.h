#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/socket_io.h"

namespace tsuwsgi::server {

/// Memory that JavaScript lent us for sending. The id goes back when the bytes are sent or given up.
struct LentBytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
  uint32_t id = 0;
};

/// Receives the ids of lent memory that is free again.
class LentBytesOwner {
 public:
  virtual void released(uint32_t id) = 0;

 protected:
  ~LentBytesOwner() = default;
};

/// What is still to be sent on a connection, or for one request that is not its turn yet: bytes of our own, memory lent
/// by JavaScript, pieces of files, in order. Belongs to one loop. The common case, a small answer, is one string and
/// one send.
class OutputQueue {
 public:
  explicit OutputQueue(LentBytesOwner* owner = nullptr) : owner_(owner) {}
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;
  ~OutputQueue() { clear(); }

  void set_owner(LentBytesOwner* owner) { owner_ = owner; }

  /// Where own bytes are appended.
  std::string& tail();
  void add_lent(LentBytes bytes);
  void add_file(base::UniqueFd file, uint64_t offset, uint64_t size);
  /// Moves everything of `other` behind what is here.
  void take(OutputQueue& other);

  bool empty() const { return sent_ == bytes_.size() && later_ == nullptr; }
  /// Bytes waiting, files included.
  uint64_t size() const;

  /// Sends as much as the socket takes and adds what went out to `sent`. kOk: empty now; kEof: a file
  /// became shorter than what was promised of it.
  net::IoState flush(int socket, uint64_t& sent);
  void clear();

 private:
  struct Segment {
    std::string bytes;
    LentBytes lent;
    base::UniqueFd file;
    uint64_t offset = 0;
    uint64_t size = 0;  ///< what is left of a file; lent bytes count from `offset`
    std::string_view memory() const;
    uint64_t left() const;
  };

  net::IoState flush_front(int socket, uint64_t& sent);
  net::IoState flush_memory(int socket, uint64_t& sent);
  net::IoState flush_file(int socket, uint64_t& sent);
  void advance(size_t bytes);
  void give_back(Segment& segment);
  Segment& add_segment();
  void drop_front();
  void shrink();

  LentBytesOwner* owner_;
  std::string bytes_;                           ///< goes out before everything in later_
  size_t sent_ = 0;                             ///< of bytes_
  std::unique_ptr<std::deque<Segment>> later_;  ///< never empty; most have none, and an empty deque has 600 bytes
};

}  // namespace tsuwsgi::server
