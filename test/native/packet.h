#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "native/fixture_file.h"

namespace tsuwsgi::test {

/// Builds a uwsgi packet, also a broken one.
class Packet {
 public:
  using Vars = std::vector<std::pair<std::string, std::string>>;

  Packet() = default;
  explicit Packet(const Vars& vars) {
    for (const auto& [key, value] : vars) var(key, value);
  }

  Packet& var(std::string_view key, std::string_view value);
  /// Bytes as they are, in the place of a variable.
  Packet& raw(std::string_view bytes) {
    block_ += bytes;
    return *this;
  }
  Packet& modifiers(uint8_t modifier1, uint8_t modifier2) {
    modifier1_ = modifier1;
    modifier2_ = modifier2;
    return *this;
  }
  /// Header and block; the header says the block's true length.
  std::string bytes() const { return bytes_with_size(block_.size()); }
  /// The same with another length in the header.
  std::string bytes_with_size(size_t size) const;

 private:
  uint8_t modifier1_ = 0;
  uint8_t modifier2_ = 0;
  std::string block_;
};

/// A small GET, with what nginx's uwsgi_params send.
Packet::Vars plain_vars(std::string_view target = "/");

/// The packet of a case file in test/fixtures/uwsgi/packets, with what stands behind it (`rest`).
std::string packet_of(const FixtureFile& file);

}  // namespace tsuwsgi::test
