#include "proto/environ_keys.h"

#include <array>
#include <cstring>

#include "proto/environ_key_table.h"

namespace tsuwsgi::proto {
namespace {

// Both look-ups are open hash tables built by the compiler: three bytes and the length pick a slot, the name is
// compared there, a collision goes on with the next slot. 512 slots for some 130 names keep nearly every look-up at one
// comparison.
constexpr size_t kSlots = 512;
constexpr size_t kLongestName = 40;

constexpr bool starts_with_http(std::string_view key) { return key.size() > 5 && key.substr(0, 5) == "HTTP_"; }

constexpr bool comes_from_header(std::string_view key) {
  return starts_with_http(key) || key == "CONTENT_LENGTH" || key == "CONTENT_TYPE";
}

/// "HTTP_ACCEPT_CHARSET" as the header's name in lower case: "accept-charset".
struct LowerName {
  char text[kLongestName] = {};
  uint8_t length = 0;
};

constexpr LowerName header_name_of(std::string_view key) {
  LowerName name;
  for (const char c : key.substr(starts_with_http(key) ? 5 : 0)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    name.text[name.length++] = lower == '_' ? '-' : lower;
  }
  return name;
}

constexpr size_t slot_of(unsigned first, unsigned middle, unsigned last, size_t length) {
  return (first * 7 + middle * 31 + last * 113 + length * 197) % kSlots;
}

// Setting bit 5 folds letters; no two bytes of a token become the same letter, digit or dash by it unless they are one
// letter's two cases.
constexpr unsigned fold(char c) { return static_cast<unsigned char>(c) | 0x20u; }

constexpr size_t header_slot(const char* name, size_t length) {
  return slot_of(fold(name[0]), fold(name[length / 2]), fold(name[length - 1]), length);
}

constexpr size_t key_slot(const char* key, size_t length) {
  return slot_of(static_cast<unsigned char>(key[length / 3]), static_cast<unsigned char>(key[length * 2 / 3]),
                 static_cast<unsigned char>(key[length - 1]), length);
}

constexpr std::array<LowerName, kEnvironKeyCount> make_header_names() {
  std::array<LowerName, kEnvironKeyCount> names{};
  for (uint16_t id = 0; id < kEnvironKeyCount; ++id) {
    if (comes_from_header(kEnvironKeys[id])) names[id] = header_name_of(kEnvironKeys[id]);
  }
  return names;
}

constexpr std::array<LowerName, kEnvironKeyCount> kHeaderNames = make_header_names();

constexpr std::array<uint16_t, kSlots> make_header_slots() {
  std::array<uint16_t, kSlots> slots{};
  for (uint16_t& id : slots) id = kUnknownKey;
  for (uint16_t id = 0; id < kEnvironKeyCount; ++id) {
    if (kHeaderNames[id].length == 0) continue;
    size_t slot = header_slot(kHeaderNames[id].text, kHeaderNames[id].length);
    while (slots[slot] != kUnknownKey) slot = (slot + 1) % kSlots;
    slots[slot] = id;
  }
  return slots;
}

constexpr std::array<uint16_t, kSlots> make_key_slots() {
  std::array<uint16_t, kSlots> slots{};
  for (uint16_t& id : slots) id = kUnknownKey;
  for (uint16_t id = 0; id < kEnvironKeyCount; ++id) {
    size_t slot = key_slot(kEnvironKeys[id].data(), kEnvironKeys[id].size());
    while (slots[slot] != kUnknownKey) slot = (slot + 1) % kSlots;
    slots[slot] = id;
  }
  return slots;
}

constexpr std::array<uint16_t, kSlots> kHeaderSlots = make_header_slots();
constexpr std::array<uint16_t, kSlots> kKeySlots = make_key_slots();

template <typename Word>
bool same_folded(const char* name, const char* lower) {
  Word a;
  Word b;
  std::memcpy(&a, name, sizeof a);
  std::memcpy(&b, lower, sizeof b);
  constexpr Word kBit5 = static_cast<Word>(0x2020202020202020u);
  return static_cast<Word>(a | kBit5) == b;
}

/// Compares in words; the last word overlaps the one before.
template <typename Word>
bool equals_folded(const char* name, const char* lower, size_t length) {
  size_t at = 0;
  for (; at + sizeof(Word) < length; at += sizeof(Word)) {
    if (!same_folded<Word>(name + at, lower + at)) return false;
  }
  return same_folded<Word>(name + length - sizeof(Word), lower + length - sizeof(Word));
}

bool equals_name(const char* name, const LowerName& lower, size_t length) {
  if (length != lower.length) return false;
  if (length >= 8) return equals_folded<uint64_t>(name, lower.text, length);
  if (length >= 4) return equals_folded<uint32_t>(name, lower.text, length);
  return equals_folded<uint8_t>(name, lower.text, length);
}

}  // namespace

uint16_t environ_key_count() { return kEnvironKeyCount; }

std::string_view environ_key(uint16_t id) { return id < kEnvironKeyCount ? kEnvironKeys[id] : std::string_view(); }

uint16_t environ_key_of_header(const char* name, uint32_t length) {
  if (length == 0 || length > kLongestName) return kUnknownKey;
  for (size_t slot = header_slot(name, length);; slot = (slot + 1) % kSlots) {
    const uint16_t id = kHeaderSlots[slot];
    if (id == kUnknownKey || equals_name(name, kHeaderNames[id], length)) return id;
  }
}

uint16_t environ_key_of(std::string_view key) {
  if (key.empty()) return kUnknownKey;
  for (size_t slot = key_slot(key.data(), key.size());; slot = (slot + 1) % kSlots) {
    const uint16_t id = kKeySlots[slot];
    if (id == kUnknownKey || kEnvironKeys[id] == key) return id;
  }
}

}  // namespace tsuwsgi::proto
