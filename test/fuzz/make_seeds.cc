// Writes the bytes of the fixtures as seed files: `make-seeds DIRECTORY` fills DIRECTORY/head and DIRECTORY/body.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "native/fixture_file.h"

namespace {

size_t write_seeds(const std::string& fixtures, const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  size_t written = 0;
  for (const tsuwsgi::test::FixtureFile& file : tsuwsgi::test::read_fixtures(fixtures)) {
    std::ofstream out(directory / std::filesystem::path(file.name).filename(), std::ios::binary);
    out << file.bytes;
    if (out.good()) ++written;
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
  }
  std::printf("%zu seeds\n", written);
  return written > 0 ? 0 : 1;
}
