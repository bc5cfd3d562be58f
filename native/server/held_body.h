#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace tsuwsgi::server {

/// A whole request body in memory, on its way to JavaScript. It counts against --body-memory until it is taken or
/// dropped, however long the request waits. One thread has it at a time; the account outlives it.
class HeldBody {
 public:
  /// `counted`: what is in `account` for it already.
  HeldBody(std::string bytes, uint64_t counted, std::atomic<uint64_t>& account)
      : bytes_(std::move(bytes)), counted_(counted), account_(account) {}
  ~HeldBody() { give_back(); }
  HeldBody(const HeldBody&) = delete;
  HeldBody& operator=(const HeldBody&) = delete;

  /// From now on the memory is the application's.
  std::string take() {
    give_back();
    return std::move(bytes_);
  }

 private:
  void give_back() { account_.fetch_sub(std::exchange(counted_, 0), std::memory_order_relaxed); }

  std::string bytes_;
  uint64_t counted_;
  std::atomic<uint64_t>& account_;
};

}  // namespace tsuwsgi::server
