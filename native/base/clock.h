#pragma once

#include <cstdint>
#include <string_view>

namespace tsuwsgi::base {

/// Monotonic time since an arbitrary start.
int64_t monotonic_us();

/// Time since the epoch.
int64_t wall_us();

/// Time as an I/O loop sees it: read once a turn, so that everything in a turn agrees and costs nothing.
/// Belongs to one thread.
class Clock {
 public:
  Clock() { update(); }
  void update();

  int64_t now_us() const { return now_us_; }
  int64_t now_ms() const { return now_us_ / 1000; }
  /// Seconds since the epoch.
  int64_t wall_seconds() const { return wall_seconds_; }
  /// IMF-fixdate of RFC 9110 section 5.6.7, 29 bytes; made anew once a second.
  std::string_view http_date();

 private:
  int64_t now_us_ = 0;
  int64_t wall_seconds_ = 0;
  int64_t date_for_ = -1;
  char date_[32] = {};
};

}  // namespace tsuwsgi::base
