// Writes the bytes of the fixtures as seed files: `make-seeds DIRECTORY` fills DIRECTORY/head, DIRECTORY/body
// and DIRECTORY/packet.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "native/fixture_file.h"
#include "native/packet.h"

namespace {

using tsuwsgi::test::FixtureFile;

bool write_seed(const std::filesystem::path& directory, const FixtureFile& file, const std::string& bytes) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::ofstream out(directory / std::filesystem::path(file.name).filename(), std::ios::binary);
  out << bytes;
  return out.good();
}

size_t write_seeds(const std::string& fixtures, const std::filesystem::path& directory) {
  size_t written = 0;
  for (const FixtureFile& file : tsuwsgi::test::read_fixtures(fixtures)) {
    if (write_seed(directory, file, file.bytes)) ++written;
  }
  return written;
}

size_t write_packets(const std::string& fixtures, const std::filesystem::path& directory) {
  size_t written = 0;
  for (const FixtureFile& file : tsuwsgi::test::read_fixtures(fixtures, "uwsgi")) {
    if (write_seed(directory, file, tsuwsgi::test::packet_of(file))) ++written;
  }
  return written;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path base(argv[1]);
  size_t written = 0;
  for (const char* verdict : {"valid", "invalid"}) {
    written += write_seeds(std::string("heads/") + verdict, base / "head");
    written += write_seeds(std::string("bodies/") + verdict, base / "body");
    written += write_packets(std::string("packets/") + verdict, base / "packet");
  }
  std::printf("%zu seeds\n", written);
  return written > 0 ? 0 : 1;
}
