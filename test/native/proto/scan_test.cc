#include "proto/scan.h"

#include <string>

#include "fuzz/split.h"
#include "native/harness.h"
#include "native/random.h"

namespace tsuwsgi::test {
namespace {

using proto::CharClass;
using proto::ScanVariant;

struct Set {
  CharClass chars;
  proto::SkipFunction ScanVariant::*scan;
};

constexpr Set kSets[] = {
    {proto::kValue, &ScanVariant::skip_value},
    {proto::kTarget, &ScanVariant::skip_target},
    {proto::kToken, &ScanVariant::skip_token},
};

template <typename Check>
void for_each_variant(Check check) {
  size_t count = 0;
  const ScanVariant* variants = proto::scan_variants(count);
  for (size_t i = 0; i < count; ++i) {
    const Context context(std::string("variant ") + variants[i].name);
    for (const Set& set : kSets) check(variants[i].*set.scan, set.chars);
  }
}

TEST("scan: every byte value at every place of a long run") {
  for_each_variant([](proto::SkipFunction skip, CharClass chars) {
    std::string run(80, 'a');
    for (size_t place = 0; place < run.size(); ++place) {
      for (unsigned value = 0; value < 256; ++value) {
        run[place] = static_cast<char>(value);
        const ExactCopy copy(run);
        const size_t expected = proto::in_class(run[place], chars) ? run.size() : place;
        EXPECT_EQ(static_cast<size_t>(skip(copy.data(), copy.data() + copy.size()) - copy.data()), expected);
      }
      run[place] = 'a';
    }
  });
}

TEST("scan: random bytes, lengths and starts give what the table gives") {
  for_each_variant([](proto::SkipFunction skip, CharClass chars) {
    Random random(7);
    for (int round = 0; round < 20000; ++round) {
      std::string bytes(random.below(130), 'x');
      const size_t strange = random.below(4);
      for (size_t i = 0; i < strange && !bytes.empty(); ++i) bytes[random.below(bytes.size())] = random.byte();
      const ExactCopy copy(bytes);
      const char* begin = copy.data() + random.below(copy.size() + 1);
      const char* end = copy.data() + copy.size();
      EXPECT_EQ(skip(begin, end) - begin, proto::skip_class(begin, end, chars) - begin);
    }
  });
}

TEST("scan: the sets are those of the RFCs") {
  const std::string token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (unsigned value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    EXPECT_EQ(proto::in_class(c, proto::kToken), token.find(c) != std::string::npos);
    EXPECT_EQ(proto::in_class(c, proto::kValue), value == 9 || (value >= 32 && value != 127));
    EXPECT_EQ(proto::in_class(c, proto::kTarget), value > 32 && value < 127 && c != '#');
  }
}

TEST("scan: the best variant is the last of the list") {
  size_t count = 0;
  const ScanVariant* variants = proto::scan_variants(count);
  EXPECT_TRUE(count >= 1);
  EXPECT_EQ(std::string(variants[0].name), "portable");
  EXPECT_EQ(std::string(proto::best_scan.name), variants[count - 1].name);
}

}  // namespace
}  // namespace tsuwsgi::test
