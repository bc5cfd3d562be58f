#include "native/packet.h"

namespace tsuwsgi::test {
namespace {

void append_u16(std::string& out, size_t value) {
  out += static_cast<char>(value & 0xFF);
  out += static_cast<char>(value >> 8 & 0xFF);
}

uint8_t number(const FixtureFile& file, const char* key) {
  return static_cast<uint8_t>(std::stoul(file.get(key, "0")));
}

}  // namespace

Packet& Packet::var(std::string_view key, std::string_view value) {
  append_u16(block_, key.size());
  block_ += key;
  append_u16(block_, value.size());
  block_ += value;
  return *this;
}

std::string Packet::bytes_with_size(size_t size) const {
  std::string bytes(1, static_cast<char>(modifier1_));
  append_u16(bytes, size);
  bytes += static_cast<char>(modifier2_);
  return bytes + block_;
}

Packet::Vars plain_vars(std::string_view target) {
  const std::string whole(target);
  const size_t question = whole.find('?');
  return {{"QUERY_STRING", question == std::string::npos ? "" : whole.substr(question + 1)},
          {"REQUEST_METHOD", "GET"},
          {"CONTENT_TYPE", ""},
          {"CONTENT_LENGTH", ""},
          {"REQUEST_URI", whole},
          {"PATH_INFO", whole.substr(0, question)},
          {"DOCUMENT_ROOT", "/srv"},
          {"SERVER_PROTOCOL", "HTTP/1.1"},
          {"REQUEST_SCHEME", "http"},
          {"REMOTE_ADDR", "192.0.2.7"},
          {"REMOTE_PORT", "4711"},
          {"SERVER_PORT", "80"},
          {"SERVER_NAME", "a.test"},
          {"HTTP_HOST", "a.test"}};
}

std::string packet_of(const FixtureFile& file) {
  Packet packet;
  packet.modifiers(number(file, "modifier1"), number(file, "modifier2"));
  for (const FixtureLine& line : file.lines) {
    const size_t equals = line.value.find('=');
    if (line.key == "var") packet.var(line.value.substr(0, equals), line.value.substr(equals + 1));
    if (line.key == "raw") packet.raw(line.value);
  }
  std::string bytes =
      file.has("datasize") ? packet.bytes_with_size(std::stoul(file.get("datasize", ""))) : packet.bytes();
  bytes += file.get("rest", "");
  return bytes;
}

}  // namespace tsuwsgi::test
