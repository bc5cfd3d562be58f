#include "server/head_table.h"

namespace tsuwsgi::server {

void HeadTable::define(uint32_t id, const ResponseHead& head) {
  if (id == 0 || id >= heads_.size()) return;
  Entry& entry = heads_[id];
  entry.bytes.assign(head.bytes);
  entry.head = head;
  entry.head.bytes = entry.bytes;
}

const ResponseHead* HeadTable::find(uint32_t id) const {
  if (id == 0 || id >= heads_.size() || heads_[id].head.status == 0) return nullptr;
  return &heads_[id].head;
}

}  // namespace tsuwsgi::server
