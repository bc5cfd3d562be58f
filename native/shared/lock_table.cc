#include "shared/lock_table.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

#include "base/check.h"

namespace tsuwsgi::shared {

struct alignas(64) LockTable::Header {
  std::atomic<uint32_t> releases;  ///< the futex that all waiters of all locks wait on
  std::atomic<uint32_t> waiters;   ///< one that was killed stays counted: it costs others a system call, no more
};

namespace {

/// Processes share the word, so it is no private futex.
void futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* limit) {
  ::syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), operation, value, limit, nullptr, 0);
}

}  // namespace

size_t LockTable::bytes(uint32_t locks) { return sizeof(Header) + locks * sizeof(Cell); }

LockTable::LockTable(void* memory, uint32_t locks)
    : header_(static_cast<Header*>(memory)),
      cells_(reinterpret_cast<Cell*>(static_cast<char*>(memory) + sizeof(Header))),
      locks_(locks) {}

bool LockTable::try_lock(uint32_t lock, uint32_t pid) {
  TSUWSGI_DCHECK(lock < locks_);
  uint32_t nobody = 0;
  return cells_[lock].holder.compare_exchange_strong(nobody, pid, std::memory_order_acquire, std::memory_order_relaxed);
}

bool LockTable::unlock(uint32_t lock, uint32_t pid) {
  TSUWSGI_DCHECK(lock < locks_);
  uint32_t holder = pid;
  if (!cells_[lock].holder.compare_exchange_strong(holder, 0)) return false;
  released();
  return true;
}

uint32_t LockTable::release_all(uint32_t pid) {
  uint32_t count = 0;
  for (uint32_t lock = 0; lock < locks_; ++lock) {
    if (unlock(lock, pid)) count += 1;
  }
  return count;
}

uint32_t LockTable::holder(uint32_t lock) const { return cells_[lock].holder.load(std::memory_order_relaxed); }

uint32_t LockTable::releases() const { return header_->releases.load(); }

void LockTable::wait_release(uint32_t seen, int64_t limit_ms) {
  const timespec limit{static_cast<time_t>(limit_ms / 1000), static_cast<long>(limit_ms % 1000 * 1'000'000)};
  header_->waiters.fetch_add(1);
  futex(&header_->releases, FUTEX_WAIT, seen, &limit);
  header_->waiters.fetch_sub(1);
}

void LockTable::released() {
  header_->releases.fetch_add(1);
  if (header_->waiters.load() > 0) futex(&header_->releases, FUTEX_WAKE, INT_MAX, nullptr);
}

}  // namespace tsuwsgi::shared
