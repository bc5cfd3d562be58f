#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/scoreboard.h"

namespace tsuwsgi::test {

/// A worker's row in memory of the test.
class BoardMemory {
 public:
  explicit BoardMemory(uint32_t loops = 1);

  base::WorkerRow row() const { return row_; }
  base::LoopRow& loop(uint32_t index = 0) const { return row_.loop(index); }

 private:
  std::vector<std::byte> bytes_;
  base::WorkerRow row_;
};

struct SeenEntry {
  std::string method;
  std::string uri;
  base::InFlightState state = base::InFlightState::kFree;
  uint32_t handle = 0;
  uint64_t sequence = 0;
  uint64_t started_us = 0;
  uint64_t deadline_us = 0;
};

/// As another process reads it: nothing where the entry is free, or is being written all the time.
std::optional<SeenEntry> read_entry(const base::InFlightEntry& entry);
std::vector<SeenEntry> read_in_flight(const base::LoopRow& loop);

uint64_t count_all(const base::LatencyHistogram& histogram);

}  // namespace tsuwsgi::test
