#include "server/head_table.h"

#include "proto/http1/response_writer.h"

namespace tsuwsgi::server {

void HeadTable::define(uint32_t id, const ResponseHead& head) {
  if (id == 0 || id >= heads_.size()) return;
  Entry& entry = heads_[id];
  entry.bytes.assign(head.bytes);
  entry.head = head;
  entry.head.bytes = entry.bytes;
  entry.start_second = -1;
}

const ResponseHead* HeadTable::find(uint32_t id) const {
  if (id == 0 || id >= heads_.size() || heads_[id].head.status == 0) return nullptr;
  return &heads_[id].head;
}

std::string_view HeadTable::start_of(uint32_t id, base::Clock& clock) {
  Entry& entry = heads_[id];
  if (entry.start_second != clock.wall_seconds()) {
    const bool has_date = (entry.head.flags & kOpHasDate) != 0;
    entry.start.clear();
    http1::append_head_start(entry.start, entry.head.status, entry.bytes,
                             has_date ? std::string_view() : clock.http_date());
    entry.start_second = clock.wall_seconds();
  }
  return entry.start;
}

}  // namespace tsuwsgi::server
