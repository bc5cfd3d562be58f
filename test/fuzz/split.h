#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "native/random.h"

namespace tsuwsgi::test {

/// In what pieces an input arrives: the end of each piece, ascending, the last one is the size.
using Splits = std::vector<size_t>;

inline Splits whole(size_t size) { return {size}; }

inline Splits byte_by_byte(size_t size) {
  Splits splits;
  for (size_t end = 1; end < size; ++end) splits.push_back(end);
  splits.push_back(size);
  return splits;
}

inline Splits at_random(size_t size, Random& random) {
  Splits splits;
  const size_t longest = 1 + random.below(std::min<size_t>(size, 40) + 1);
  for (size_t end = 0; end < size;) {
    end = std::min(size, end + 1 + random.below(longest));
    splits.push_back(end);
  }
  if (splits.empty()) splits.push_back(size);
  return splits;
}

/// Bytes in heap memory of exactly their size, so that a sanitizer sees a read behind them.
class ExactCopy {
 public:
  explicit ExactCopy(std::string_view bytes) : size_(bytes.size()), data_(new char[bytes.size()]) {
    std::copy(bytes.begin(), bytes.end(), data_.get());
  }

  const char* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  size_t size_;
  std::unique_ptr<char[]> data_;
};

}  // namespace tsuwsgi::test
