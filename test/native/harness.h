#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <string_view>

/// A tiny test harness: cases register themselves before main, failures print `FAIL file:line`, the last line is
/// `N passed, N failed`.
namespace tsuwsgi::test {

using Body = std::function<void()>;

/// Registers a case; also from a loop, which is how each fixture file becomes a case of its own.
bool add_case(std::string name, Body body);

/// Notes a failure of the running case. It goes on.
void fail(const char* file, int line, const std::string& message);

/// Text that goes with each failure until the object is gone: which input, which split.
class Context {
 public:
  explicit Context(std::string text);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

/// Printable form of bytes, for messages.
std::string show(std::string_view bytes);

template <typename Value>
std::string describe(const Value& value) {
  if constexpr (std::is_convertible_v<Value, std::string_view>) {
    return '"' + show(value) + '"';
  } else if constexpr (std::is_enum_v<Value>) {
    return std::to_string(static_cast<long>(value));
  } else {
    std::ostringstream out;
    out << +value;
    return out.str();
  }
}

template <typename Left, typename Right>
void expect_equal(const Left& left, const Right& right, const char* text, const char* file, int line) {
  if (left == right) return;
  fail(file, line, std::string(text) + ": " + describe(left) + " is not " + describe(right));
}

}  // namespace tsuwsgi::test

#define TSUWSGI_JOIN_(a, b) a##b
#define TSUWSGI_JOIN(a, b) TSUWSGI_JOIN_(a, b)

/// TEST("name") { … }
#define TEST(name)                                                         \
  static void TSUWSGI_JOIN(test_body_, __LINE__)();                        \
  [[maybe_unused]] static const bool TSUWSGI_JOIN(test_added_, __LINE__) = \
      ::tsuwsgi::test::add_case(name, TSUWSGI_JOIN(test_body_, __LINE__)); \
  static void TSUWSGI_JOIN(test_body_, __LINE__)()

#define EXPECT_TRUE(condition)                                                            \
  do {                                                                                    \
    if (!(condition)) ::tsuwsgi::test::fail(__FILE__, __LINE__, "not true: " #condition); \
  } while (false)

#define EXPECT_FALSE(condition)                                                         \
  do {                                                                                  \
    if (condition) ::tsuwsgi::test::fail(__FILE__, __LINE__, "not false: " #condition); \
  } while (false)

#define EXPECT_EQ(left, right) ::tsuwsgi::test::expect_equal((left), (right), #left " == " #right, __FILE__, __LINE__)
