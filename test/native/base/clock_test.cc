#include "base/clock.h"

#include <ctime>
#include <string>

#include "base/unique_fd.h"
#include "native/harness.h"

#include <fcntl.h>

namespace tsuwsgi::test {
namespace {

TEST("clock: the date is the wall time as an IMF-fixdate") {
  base::Clock clock;
  const std::string date(clock.http_date());
  EXPECT_EQ(date.size(), size_t{29});
  tm parts{};
  const char* end = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  EXPECT_TRUE(end != nullptr && *end == '\0');
  EXPECT_EQ(static_cast<int64_t>(::timegm(&parts)), clock.wall_seconds());
  EXPECT_TRUE(clock.http_date().data() == clock.http_date().data());
}

TEST("clock: stands still between updates and never goes back") {
  base::Clock clock;
  int64_t before = clock.now_us();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(clock.now_us(), before);
    clock.update();
    EXPECT_TRUE(clock.now_us() >= before);
    before = clock.now_us();
  }
  EXPECT_EQ(clock.now_ms(), clock.now_us() / 1000);
}

TEST("unique fd: closes once, moves, and gives away") {
  const int raw = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  base::UniqueFd first(raw);
  base::UniqueFd second(std::move(first));
  EXPECT_FALSE(first.valid());
  first = std::move(second);
  EXPECT_EQ(first.get(), raw);
  EXPECT_EQ(first.release(), raw);
  base::UniqueFd(raw).reset();
  EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
}

}  // namespace
}  // namespace tsuwsgi::test
