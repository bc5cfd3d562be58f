#pragma once

#include <cstdio>
#include <cstdlib>
#include <thread>

/// Our own invariants (docs/errors.md): CHECK always aborts, DCHECK only in debug and sanitizer builds.
#define TSUWSGI_CHECK(condition)                                                                              \
  do {                                                                                                        \
    if (!(condition)) {                                                                                       \
      std::fprintf(stderr, "tsuwsgi-native: broken invariant %s at %s:%d\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                                           \
    }                                                                                                         \
  } while (false)

#ifdef TSUWSGI_DEBUG
#define TSUWSGI_DCHECK(condition) TSUWSGI_CHECK(condition)
#else
#define TSUWSGI_DCHECK(condition) static_cast<void>(0)
#endif

namespace tsuwsgi::base {

/// Remembers the thread that an object belongs to. `adopt` moves it to the calling thread.
class ThreadOwner {
 public:
  void adopt() { owner_ = std::this_thread::get_id(); }
  bool on_owner() const { return owner_ == std::this_thread::get_id(); }

 private:
  std::thread::id owner_ = std::this_thread::get_id();
};

}  // namespace tsuwsgi::base

/// At the top of methods that only the owning thread may call.
#define TSUWSGI_ASSERT_ON(owner) TSUWSGI_DCHECK((owner).on_owner())
