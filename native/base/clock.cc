#include "base/clock.h"

#include <cstdio>
#include <ctime>

namespace tsuwsgi::base {

namespace {
constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
}  // namespace

int64_t monotonic_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

int64_t wall_us() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

void Clock::update() {
  now_us_ = monotonic_us();
  timespec wall{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &wall);
  wall_seconds_ = wall.tv_sec;
}

std::string_view Clock::http_date() {
  if (date_for_ != wall_seconds_) {
    date_for_ = wall_seconds_;
    const time_t seconds = static_cast<time_t>(wall_seconds_);
    tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::snprintf(date_, sizeof date_, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday % 7],
                  parts.tm_mday % 100, kMonths[parts.tm_mon % 12], (parts.tm_year + 1900) % 10000, parts.tm_hour % 100,
                  parts.tm_min % 100, parts.tm_sec % 100);
  }
  return {date_, 29};
}

}  // namespace tsuwsgi::base
