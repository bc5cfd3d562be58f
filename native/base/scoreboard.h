#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

/// The memory in which workers tell what they do: what src/ipc/scoreboard-layout.ts reads. One writer a cache line, no
/// locks: a figure is never half-written, figures beside each other may be a moment apart. Memory of zeros is an empty
/// board. Times are microseconds of CLOCK_MONOTONIC.
namespace tsuwsgi::base {

constexpr size_t kCacheLine = 64;

/// One writer, any number of readers, in this process or in others.
struct BoardCell {
  std::atomic<uint64_t> value{0};
  void add(uint64_t amount = 1) {
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(uint64_t amount = 1) {
    value.store(value.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
  }
  void set(uint64_t amount) { value.store(amount, std::memory_order_relaxed); }
  uint64_t get() const { return value.load(std::memory_order_relaxed); }
};

/// Written by the I/O loop's thread.
struct alignas(kCacheLine) LoopCounters {
  using Cell = BoardCell;
  Cell requests;     ///< complete heads (and bodies) that were dispatched or answered by the core
  Cell in_flight;    ///< given to JavaScript, not answered yet
  Cell handed_over;  ///< given to JavaScript since the start; the last one's InFlightEntry::sequence
  Cell bytes_in;
  Cell bytes_out;
  Cell connections;  ///< open now
  Cell idle;         ///< of those: without a request
  Cell accepted;
  // What all requests took together, in microseconds: the sums of the histograms.
  Cell running_us;
  Cell kernel_us;
  Cell waiting_us;
  Cell javascript_us;
  Cell writing_us;
  Cell untabled;  ///< requests in flight that the table has no room for
  Cell last_turn_us;
  Cell draining;                ///< 1 once the loop accepts no more
  std::array<Cell, 5> answers;  ///< by the status's first digit, from 1xx
  Cell rejected;                ///< 503 because too many were pending
  Cell bad_requests;
  Cell timeouts;
  Cell aborted;
  Cell stale_writes;
  Cell accept_pauses;
  Cell given;        ///< connections that another worker goes on with
  Cell taken;        ///< connections that other workers gave away
  Cell log_dropped;  ///< request lines that the log did not take
  Cell log_waiting;  ///< bytes of request lines that the log refuses now
  std::array<Cell, 1> unused;
};
constexpr size_t kLoopCounters = sizeof(LoopCounters) / sizeof(BoardCell);

/// Written by the JavaScript thread's native side: how far JavaScript has come with what the loop handed over.
struct alignas(kCacheLine) TakenByJs {
  BoardCell sequence;
  BoardCell at_us;
};

/// How often which latency occurred. Buckets are log-linear: exact below 8 microseconds, then 8 a doubling, so that a
/// bucket's ends differ by an eighth at most; the last one takes everything from 1.1 hours on.
struct alignas(kCacheLine) LatencyHistogram {
  static constexpr uint32_t kBuckets = 240;
  std::array<BoardCell, kBuckets> buckets;

  static uint32_t bucket_of(uint64_t micros) {
    if (micros < 8) return static_cast<uint32_t>(micros);
    const auto doubling = static_cast<uint32_t>(63 - __builtin_clzll(micros));
    const uint32_t bucket = (doubling - 2) * 8 + (static_cast<uint32_t>(micros >> (doubling - 3)) & 7);
    return std::min(bucket, kBuckets - 1);
  }
  void count(uint64_t micros) { buckets[bucket_of(micros)].add(); }
};

enum class InFlightState : uint32_t {
  kFree = 0,
  kBody = 1,     ///< its body arrives
  kGiven = 2,    ///< for JavaScript; it waits as long as `sequence` is above TakenByJs::sequence
  kWriting = 3,  ///< JavaScript has answered, the client has not got all of it
};

/// A request that is not finished. Written by the I/O loop's thread. A reader who finds the same `version` behind its
/// reading as before, and an even one, has read one request's facts.
struct alignas(kCacheLine) InFlightEntry {
  static constexpr size_t kMethodBytes = 16;
  static constexpr size_t kUriBytes = 128;
  std::atomic<uint32_t> version{0};
  std::atomic<uint32_t> state{0};
  std::atomic<uint32_t> handle{0};  ///< as in REQUEST records: the loop's index in the upper 8 bits
  std::atomic<uint32_t> generation{0};
  std::atomic<uint64_t> sequence{0};  ///< LoopCounters::handed_over when it was handed over; 0 before
  std::atomic<uint64_t> started_us{0};
  std::atomic<uint64_t> deadline_us{0};  ///< 0: none
  std::atomic<uint32_t> method_length{0};
  std::atomic<uint32_t> uri_length{0};  ///< cut to kUriBytes
  std::array<std::atomic<uint64_t>, kMethodBytes / 8> method{};
  std::array<std::atomic<uint64_t>, kUriBytes / 8> uri{};
};

enum class Latency : uint32_t {
  kKernel,      ///< in the kernel, before the loop read it
  kWaiting,     ///< from its arrival until JavaScript took it
  kJavascript,  ///< until the last of the answer came from JavaScript
  kWriting,     ///< until the kernel had taken the last of the answer
  kTotal,       ///< from its arrival until then
};
constexpr uint32_t kLatencies = 5;

/// What one I/O loop tells.
struct LoopRow {
  static constexpr uint32_t kInFlightEntries = 64;
  LoopCounters counters;
  TakenByJs taken;
  std::array<LatencyHistogram, kLatencies> latencies;
  std::array<InFlightEntry, kInFlightEntries> in_flight;
};

/// What a worker tells beside its loops: cells of 64-bit floats.
struct alignas(kCacheLine) WorkerHeader {
  static constexpr uint32_t kCells = 32;
  static constexpr size_t kTextBytes = 768;
  // Cells 0 to 15 are written by JavaScript, from 16 on by the master.
  static constexpr uint32_t kCallLength = 4;
  static constexpr uint32_t kCallHandle = 15;
  static constexpr uint32_t kCondemned = 16;
  static constexpr uint32_t kOtherRequests = 21;
  std::array<std::atomic<double>, kCells> cells;
  std::array<char, kTextBytes> text;  ///< which request JavaScript runs
};

// src/ipc/scoreboard-layout.ts says the same; a test compares both.
static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<double>::is_always_lock_free);
static_assert(sizeof(BoardCell) == 8 && sizeof(LoopCounters) == 256 && sizeof(TakenByJs) == 64);
static_assert(sizeof(LatencyHistogram) == 1920 && sizeof(InFlightEntry) == 192 && sizeof(WorkerHeader) == 1024);
static_assert(offsetof(LoopRow, taken) == 256 && offsetof(LoopRow, latencies) == 320);
static_assert(offsetof(LoopRow, in_flight) == 9920 && sizeof(LoopRow) == 22208);
static_assert(offsetof(InFlightEntry, sequence) == 16 && offsetof(InFlightEntry, method_length) == 40);
static_assert(offsetof(InFlightEntry, method) == 48 && offsetof(InFlightEntry, uri) == 64);

/// A worker's row in mapped memory: its header, then a LoopRow for each loop.
class WorkerRow {
 public:
  WorkerRow() = default;
  WorkerRow(void* memory, uint32_t loops) : memory_(static_cast<unsigned char*>(memory)), loops_(loops) {}

  static size_t bytes(uint32_t loops) { return sizeof(WorkerHeader) + loops * sizeof(LoopRow); }
  bool valid() const { return memory_ != nullptr; }
  uint32_t loops() const { return loops_; }
  WorkerHeader& header() const { return *reinterpret_cast<WorkerHeader*>(memory_); }
  /// The memory is zeros or a row that was written before: no constructor runs.
  LoopRow& loop(uint32_t index) const {
    return *reinterpret_cast<LoopRow*>(memory_ + sizeof(WorkerHeader) + index * sizeof(LoopRow));
  }

 private:
  unsigned char* memory_ = nullptr;
  uint32_t loops_ = 0;
};

}  // namespace tsuwsgi::base
