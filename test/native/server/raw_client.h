#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace tsuwsgi::test {

struct Answer {
  int status = 0;
  std::string head;  ///< status line and field lines
  std::string body;

  bool has_line(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

/// What stands at the end of what was received where the server neither sent nor closed for a long time.
inline constexpr std::string_view kTimedOut = "(timed out)";

/// A blocking connection to 127.0.0.1.
class RawClient {
 public:
  explicit RawClient(uint16_t port);

  void send(std::string_view bytes);
  /// Sends nothing more; the server sees the end of input.
  void finish();
  /// Everything until the server closes.
  std::string read_all();
  /// Reads until `count` complete answers are there (fewer where the server closes before).
  std::vector<Answer> read_answers(size_t count);

 private:
  bool read_more();

  base::UniqueFd socket_;
  std::string received_;
};

/// Splits a byte stream into final answers by their Content-Length; `rest` is what is left over.
std::vector<Answer> split_answers(std::string_view stream, std::string_view& rest);

}  // namespace tsuwsgi::test
