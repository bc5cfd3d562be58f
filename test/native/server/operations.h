#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/records.h"

namespace tsuwsgi::test {

/// What JavaScript knows a request by. `slot` has the loop's index in its upper bits.
struct Handle {
  uint32_t slot = 0;
  uint32_t generation = 0;
};

struct ResponseOptions {
  uint32_t status = 200;
  uint32_t flags = 0;
  uint32_t head_id = 0;
  std::string head = "OK\r\nX-Test: 1\r\n";
  uint64_t declared = server::kUndeclared;
};

/// Operation records as JavaScript writes them.
class Operations {
 public:
  Operations& respond(Handle request, std::string_view body, const ResponseOptions& options = {});
  Operations& begin(Handle request, const ResponseOptions& options = {});
  Operations& chunk(Handle request, std::string_view bytes);
  Operations& lend(Handle request, uint32_t id, const void* data, size_t size);
  Operations& file(Handle request, int fd, uint64_t offset, uint64_t size);
  Operations& end(Handle request);
  Operations& abort(Handle request);
  Operations& read_body(Handle request, uint32_t bytes);
  Operations& deadline(Handle request, uint64_t limit_us);
  Operations& define_head(uint32_t id, const ResponseOptions& options);

  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

 private:
  /// Appends a record with room for `extra` bytes of data; returns where it starts.
  size_t append(server::OpType type, Handle request, size_t extra);
  void put(size_t record, uint32_t word, uint32_t value);
  void put_head(size_t record, const ResponseOptions& options);
  void put_data(size_t record, size_t offset, std::string_view bytes);

  std::vector<uint8_t> bytes_;
};

}  // namespace tsuwsgi::test
