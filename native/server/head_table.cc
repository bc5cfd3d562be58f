#include "server/head_table.h"

#include "proto/http1/response_writer.h"

namespace tsuwsgi::server {

void HeadTable::define(uint32_t id, const ResponseHead& head) {
  if (id == 0) return;
  Entry& entry = entry_of(id);
  entry.id = id;
  entry.bytes.assign(head.bytes);
  entry.head = head;
  entry.head.bytes = entry.bytes;
  entry.start_second = -1;
}

const ResponseHead* HeadTable::find(uint32_t id) const {
  const Entry& entry = heads_[id % heads_.size()];
  return id != 0 && entry.id == id ? &entry.head : nullptr;
}

std::string_view HeadTable::start_of(uint32_t id, base::Clock& clock) {
  Entry& entry = entry_of(id);
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
