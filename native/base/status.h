#pragma once

#include <utility>

namespace tsuwsgi::base {

/// What a system call said when it failed: errno and the call's name (static storage).
struct SystemError {
  int code = 0;
  const char* call = "";
};

/// A value, or why there is none. No exceptions below the binding.
template <class T>
class Result {
 public:
  Result(T value) : value_(std::move(value)), ok_(true) {}  // NOLINT(google-explicit-constructor)
  Result(SystemError error) : error_(error) {}              // NOLINT(google-explicit-constructor)
  bool ok() const { return ok_; }
  T& value() { return value_; }
  const SystemError& error() const { return error_; }

 private:
  T value_{};
  SystemError error_;
  bool ok_ = false;
};

}  // namespace tsuwsgi::base
