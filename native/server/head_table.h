#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/records.h"

namespace tsuwsgi::server {

/// A response head as an operation gives it.
struct ResponseHead {
  uint16_t status = 0;
  uint32_t flags = 0;
  uint32_t fields = 0;
  uint64_t declared = kUndeclared;  ///< the application's own Content-Length
  std::string_view bytes;           ///< reason CRLF *(field-line CRLF)
};

/// Response heads that JavaScript has defined under a number (DEFINE_HEAD). Each loop has its own copy.
class HeadTable {
 public:
  HeadTable() : heads_(kMaxHeads) {}
  void define(uint32_t id, const ResponseHead& head);
  /// nullptr for a number that was never defined.
  const ResponseHead* find(uint32_t id) const;

 private:
  struct Entry {
    ResponseHead head;
    std::string bytes;
  };
  std::vector<Entry> heads_;
};

}  // namespace tsuwsgi::server
