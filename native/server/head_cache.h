#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http1/request_head.h"

namespace tsuwsgi::server {

/// A request head that was seen before, byte for byte, with what parsing it gave.
struct CachedHead {
  std::string bytes;  ///< request line and header section; empty: the entry is free
  uint32_t listener = 0;
  uint64_t section_hash = 0;
  http1::RequestHead head;  ///< spans refer to `bytes`

  std::string_view section() const {
    return std::string_view(bytes).substr(head.header_section.offset, head.header_section.length);
  }
};

/// Header sections that clients send again and again: browsers and proxies repeat theirs for every request of a
/// connection. A hit saves parsing and, on the other side of the boundary, building the environ (the id names a
/// template there). It is a hit only where all bytes are equal, so its result is exactly what parsing would give. A
/// section enters at its second sighting: one-off heads do not push out useful ones. Only heads without a body take
/// part: their records reach JavaScript in the order they were looked up. Belongs to one loop.
class HeadCache {
 public:
  HeadCache(uint32_t first_template_id, uint32_t entries);

  /// The whole head is that of the entry `hint` (-1: none).
  CachedHead* find_whole(int32_t hint, uint32_t listener, std::string_view input);
  /// The header section that starts at `input[line_end]` is that of the entry `hint`.
  CachedHead* find_section(int32_t hint, uint32_t listener, uint8_t version_minor, std::string_view input,
                           size_t line_end);
  /// Finds a parsed head's section, or remembers it. `fresh` tells that the entry is new and its template has to be
  /// defined. nullptr: seen for the first time, or too big to keep.
  CachedHead* find_or_insert(const http1::RequestHead& head, std::string_view bytes, uint32_t listener, bool& fresh);

  /// The entry's request line becomes that of `line`, which are the first `line_end` of `bytes`.
  static void replace_line(CachedHead& entry, const http1::RequestHead& line, std::string_view bytes, size_t line_end);

  int32_t index_of(const CachedHead& entry) const { return static_cast<int32_t>(&entry - entries_.data()); }
  uint32_t template_id(const CachedHead& entry) const {
    return first_template_id_ + static_cast<uint32_t>(index_of(entry));
  }
  int32_t most_recent() const { return most_recent_; }

 private:
  bool seen_before(uint64_t hash);

  uint32_t first_template_id_;
  std::vector<CachedHead> entries_;
  std::vector<uint64_t> sightings_;
  int32_t most_recent_ = -1;
};

}  // namespace tsuwsgi::server
