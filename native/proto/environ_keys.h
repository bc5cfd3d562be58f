#pragma once

#include <cstdint>
#include <string_view>

namespace tsuwsgi::proto {

inline constexpr uint16_t kUnknownKey = 0xFFFF;

/// Number of known environ keys; ids are 0 … count-1.
uint16_t environ_key_count();
/// The key of an id, e.g. "HTTP_ACCEPT".
std::string_view environ_key(uint16_t id);
/// Id for a header field name of any case ("Accept-Language"), or kUnknownKey.
uint16_t environ_key_of_header(const char* name, uint32_t length);
/// Id for an environ key ("HTTP_ACCEPT", "REQUEST_METHOD"), or kUnknownKey.
uint16_t environ_key_of(std::string_view key);

}  // namespace tsuwsgi::proto
