#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
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

/// Response heads that JavaScript has defined under a number (DEFINE_HEAD). Each loop has its own copy. A number whose
/// place has been given to another one stands for nothing: never for the other one's head.
class HeadTable {
 public:
  HeadTable() : heads_(kMaxHeads) {}
  void define(uint32_t id, const ResponseHead& head);
  /// nullptr for a number that was not defined, or whose place another one has.
  const ResponseHead* find(uint32_t id) const;
  /// How an answer over HTTP with the defined head `id` starts: as far as it is the same for a second.
  std::string_view start_of(uint32_t id, base::Clock& clock);

 private:
  struct Entry {
    uint32_t id = 0;
    ResponseHead head;
    std::string bytes;
    std::string start;  ///< of `start_second`
    int64_t start_second = -1;
  };
  Entry& entry_of(uint32_t id) { return heads_[id % heads_.size()]; }

  std::vector<Entry> heads_;
};

}  // namespace tsuwsgi::server
