#include "server/head_cache.h"

#include <functional>

namespace tsuwsgi::server {

namespace {
/// Bigger header sections (long cookies) are rarely the same twice and would make the cache large.
constexpr size_t kMaxCachedBytes = 4096;
constexpr size_t kSightings = 1024;

bool starts_with(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && text.compare(0, start.size(), start) == 0;
}

/// What lies in the header section moves with it; a missing authority stays where it is.
void move_section(http1::RequestHead& head, uint32_t start, uint32_t length) {
  const uint32_t by = start - head.header_section.offset;  // modulo 2^32: also towards the front
  if (by != 0) {
    for (http1::HeaderField& field : head.fields) {
      field.name.offset += by;
      field.value.offset += by;
    }
    if (head.authority.length > 0) head.authority.offset += by;
  }
  head.header_section = {start, length};
}
}  // namespace

HeadCache::HeadCache(uint32_t first_template_id, uint32_t entries)
    : first_template_id_(first_template_id), entries_(entries), sightings_(kSightings) {}

CachedHead* HeadCache::find_whole(int32_t hint, uint32_t listener, std::string_view input) {
  if (hint < 0) return nullptr;
  CachedHead& entry = entries_[static_cast<size_t>(hint)];
  if (entry.bytes.empty() || entry.listener != listener || !starts_with(input, entry.bytes)) return nullptr;
  most_recent_ = hint;
  return &entry;
}

CachedHead* HeadCache::find_section(int32_t hint, uint32_t listener, uint8_t version_minor, std::string_view input,
                                    size_t line_end) {
  if (hint < 0) return nullptr;
  CachedHead& entry = entries_[static_cast<size_t>(hint)];
  if (entry.bytes.empty() || entry.listener != listener || entry.head.version_minor != version_minor) return nullptr;
  if (!starts_with(input.substr(line_end), entry.section())) return nullptr;
  most_recent_ = hint;
  return &entry;
}

bool HeadCache::seen_before(uint64_t hash) {
  uint64_t& sighting = sightings_[hash % kSightings];
  const bool seen = sighting == hash;
  sighting = hash;
  return seen;
}

CachedHead* HeadCache::find_or_insert(const http1::RequestHead& head, std::string_view bytes, uint32_t listener,
                                      bool& fresh) {
  fresh = false;
  const std::string_view section = bytes.substr(head.header_section.offset, head.header_section.length);
  if (head.size > kMaxCachedBytes || head.target_form != http1::TargetForm::kOrigin) return nullptr;
  const uint64_t hash = std::hash<std::string_view>{}(section) ^ (uint64_t{listener} << 8 | head.version_minor);
  CachedHead& entry = entries_[hash % entries_.size()];
  if (entry.section_hash == hash && entry.listener == listener && entry.head.version_minor == head.version_minor &&
      !entry.bytes.empty() && entry.section() == section) {
    most_recent_ = index_of(entry);
    return &entry;
  }
  if (!seen_before(hash)) return nullptr;
  fresh = true;
  entry.bytes.assign(bytes.substr(0, head.size));
  entry.listener = listener;
  entry.section_hash = hash;
  entry.head = head;
  most_recent_ = index_of(entry);
  return &entry;
}

void HeadCache::replace_line(CachedHead& entry, const http1::RequestHead& line, std::string_view bytes,
                             size_t line_end) {
  const std::string section(entry.section());
  entry.bytes.assign(bytes.substr(0, line_end));
  entry.bytes += section;
  http1::RequestHead& head = entry.head;
  head.request_line = line.request_line;
  head.method = line.method;
  head.target = line.target;
  head.path = line.path;
  head.query = line.query;
  head.path_encoded = line.path_encoded;
  head.target_form = line.target_form;
  move_section(head, static_cast<uint32_t>(line_end), static_cast<uint32_t>(section.size()));
  head.size = static_cast<uint32_t>(entry.bytes.size());
}

}  // namespace tsuwsgi::server
