#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/scoreboard.h"
#include "server/counters.h"

namespace tsuwsgi::server {

struct Request;

/// The loop's end of the scoreboard: it keeps the table of requests in flight and counts what finished ones took. Does
/// nothing where nobody looks. Belongs to one loop; what it writes is read by other processes.
class LoopBoard {
 public:
  /// `row` may be null, and outlives the loop otherwise.
  explicit LoopBoard(base::LoopRow* row);

  /// The loop's figures; without a row they are kept all the same.
  Counters& counters() { return row_ != nullptr ? row_->counters : private_counters_; }

  /// A request whose head is complete. `handle`: as in its REQUEST record.
  void enter(Request& request, uint32_t handle, std::string_view method, std::string_view uri) {
    if (row_ != nullptr) take_entry(request, handle, method, uri);
  }
  /// It goes to JavaScript now, which has until `deadline_us` (0: as long as it likes).
  void hand_over(Request& request, int64_t deadline_us);
  void set_deadline(const Request& request, int64_t deadline_us);
  /// JavaScript has nothing more to say about it.
  void answered(const Request& request);
  void leave(Request& request) {
    if (row_ != nullptr) free_entry(request);
  }
  /// The client has got its answer, or as much of it as it wanted.
  void count(const Request& request, int64_t now_us);

 private:
  static constexpr uint8_t kEntries = base::LoopRow::kInFlightEntries;

  void take_entry(Request& request, uint32_t handle, std::string_view method, std::string_view uri);
  void free_entry(Request& request);
  base::InFlightEntry* entry_of(const Request& request);

  base::LoopRow* row_;
  Counters private_counters_;
  std::array<uint8_t, kEntries> free_;  ///< a stack: what was used last is used next, and is in the cache
  uint8_t free_count_ = 0;
};

}  // namespace tsuwsgi::server
