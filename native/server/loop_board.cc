#include "server/loop_board.h"

#include <algorithm>
#include <cstring>

#include "server/request.h"

namespace tsuwsgi::server {

namespace {

using base::InFlightEntry;
using base::InFlightState;
using base::Latency;

template <class Word, class Value>
void put(std::atomic<Word>& place, Value value) {
  place.store(static_cast<Word>(value), std::memory_order_release);
}

/// In words, each of which is written at once. Behind the text the last one has zeros.
template <size_t kWords>
uint32_t put_text(std::array<std::atomic<uint64_t>, kWords>& place, std::string_view text) {
  text = text.substr(0, kWords * sizeof(uint64_t));
  for (size_t at = 0; at < text.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
    put(place[at / sizeof word], word);
  }
  return static_cast<uint32_t>(text.size());
}

/// Between both the entry's facts belong to different requests. What is written behind the first cannot be seen before
/// it: every store releases.
void begin_writing(InFlightEntry& entry) {
  entry.version.store(entry.version.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}
void end_writing(InFlightEntry& entry) { put(entry.version, entry.version.load(std::memory_order_relaxed) + 1); }

}  // namespace

LoopBoard::LoopBoard(base::LoopRow* row) : row_(row) {
  for (uint8_t entry = kEntries; row != nullptr && entry > 0; --entry) free_[free_count_++] = entry - 1;
}

InFlightEntry* LoopBoard::entry_of(const Request& request) {
  const bool has_one = row_ != nullptr && request.board_entry != Request::kNoEntry;
  return has_one ? &row_->in_flight[request.board_entry] : nullptr;
}

void LoopBoard::take_entry(Request& request, uint32_t handle, std::string_view method, std::string_view uri) {
  if (free_count_ == 0) {
    request.untabled = true;
    return row_->counters.untabled.add();
  }
  request.board_entry = free_[--free_count_];
  InFlightEntry& entry = row_->in_flight[request.board_entry];
  begin_writing(entry);
  put(entry.state, InFlightState::kBody);
  put(entry.handle, handle);
  put(entry.generation, request.generation);
  put(entry.sequence, uint64_t{0});
  put(entry.started_us, request.arrived_us);
  put(entry.deadline_us, uint64_t{0});
  put(entry.method_length, put_text(entry.method, method));
  put(entry.uri_length, put_text(entry.uri, uri));
  end_writing(entry);
}

void LoopBoard::hand_over(Request& request, int64_t deadline_us) {
  Counters& figures = counters();
  figures.handed_over.add();
  request.sequence = figures.handed_over.get();
  InFlightEntry* entry = entry_of(request);
  if (entry == nullptr) return;
  put(entry->sequence, request.sequence);
  put(entry->deadline_us, deadline_us);
  put(entry->state, InFlightState::kGiven);
}

void LoopBoard::set_deadline(const Request& request, int64_t deadline_us) {
  if (InFlightEntry* entry = entry_of(request)) put(entry->deadline_us, deadline_us);
}

void LoopBoard::answered(const Request& request) {
  if (InFlightEntry* entry = entry_of(request)) put(entry->state, InFlightState::kWriting);
}

void LoopBoard::free_entry(Request& request) {
  if (request.untabled) row_->counters.untabled.subtract();
  request.untabled = false;
  if (request.board_entry == Request::kNoEntry) return;
  put(row_->in_flight[request.board_entry].state, InFlightState::kFree);
  free_[free_count_++] = request.board_entry;
  request.board_entry = Request::kNoEntry;
}

void LoopBoard::count(const Request& request, int64_t now_us) {
  if (row_ == nullptr || request.sequence == 0) return;
  const RequestTimes times = request.times(now_us);
  Counters& figures = row_->counters;
  const auto add = [&](Latency latency, base::BoardCell& sum, int64_t took_us) {
    const auto micros = static_cast<uint64_t>(std::max<int64_t>(0, took_us));
    row_->latencies[static_cast<uint32_t>(latency)].count(micros);
    sum.add(micros);
  };
  if (times.kernel_us >= 0) add(Latency::kKernel, figures.kernel_us, times.kernel_us);
  add(Latency::kWaiting, figures.waiting_us, times.waiting_us);
  add(Latency::kJavascript, figures.javascript_us, times.javascript_us);
  add(Latency::kWriting, figures.writing_us, times.writing_us);
  add(Latency::kTotal, figures.running_us, now_us - request.arrived_us);
}

}  // namespace tsuwsgi::server
