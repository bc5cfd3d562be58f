#include "native/server/board_memory.h"

#include <cstring>
#include <memory>

#include "base/check.h"

namespace tsuwsgi::test {

namespace {

constexpr int kAttempts = 100;

template <size_t kWords>
std::string read_text(const std::array<std::atomic<uint64_t>, kWords>& words, uint32_t length) {
  std::string text(kWords * sizeof(uint64_t), '\0');
  for (size_t i = 0; i < kWords; ++i) {
    const uint64_t word = words[i].load(std::memory_order_acquire);
    std::memcpy(&text[i * sizeof word], &word, sizeof word);
  }
  return text.substr(0, length);
}

}  // namespace

BoardMemory::BoardMemory(uint32_t loops) : bytes_(base::WorkerRow::bytes(loops) + base::kCacheLine) {
  void* start = bytes_.data();
  size_t space = bytes_.size();
  TSUWSGI_CHECK(std::align(base::kCacheLine, base::WorkerRow::bytes(loops), start, space) != nullptr);
  row_ = base::WorkerRow(start, loops);
}

std::optional<SeenEntry> read_entry(const base::InFlightEntry& entry) {
  constexpr auto kAcquire = std::memory_order_acquire;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const uint32_t version = entry.version.load(kAcquire);
    SeenEntry seen;
    seen.state = static_cast<base::InFlightState>(entry.state.load(kAcquire));
    seen.handle = entry.handle.load(kAcquire);
    seen.sequence = entry.sequence.load(kAcquire);
    seen.started_us = entry.started_us.load(kAcquire);
    seen.deadline_us = entry.deadline_us.load(kAcquire);
    seen.method = read_text(entry.method, entry.method_length.load(kAcquire));
    seen.uri = read_text(entry.uri, entry.uri_length.load(kAcquire));
    if (seen.state == base::InFlightState::kFree) return {};
    if (version % 2 == 0 && entry.version.load(kAcquire) == version) return seen;
  }
  return {};
}

std::vector<SeenEntry> read_in_flight(const base::LoopRow& loop) {
  std::vector<SeenEntry> found;
  for (const base::InFlightEntry& entry : loop.in_flight) {
    if (std::optional<SeenEntry> seen = read_entry(entry)) found.push_back(*seen);
  }
  return found;
}

uint64_t count_all(const base::LatencyHistogram& histogram) {
  uint64_t sum = 0;
  for (const base::BoardCell& bucket : histogram.buckets) sum += bucket.get();
  return sum;
}

}  // namespace tsuwsgi::test
