#include "server/head_cache.h"

#include <string>

#include "native/harness.h"
#include "proto/http1/head_parser.h"
#include "server/head_table.h"

namespace tsuwsgi::test {
namespace {

using server::CachedHead;
using server::HeadCache;

const proto::RequestLimits kLimits;

http1::RequestHead parse(const std::string& bytes) {
  http1::HeadParser parser(kLimits);
  http1::RequestHead head;
  http1::Refusal refusal;
  EXPECT_TRUE(parser.parse(bytes.data(), bytes.size(), head, refusal) == http1::ParseResult::kDone);
  return head;
}

CachedHead* insert(HeadCache& cache, const std::string& bytes, bool& fresh, uint32_t listener = 0) {
  return cache.find_or_insert(parse(bytes), bytes, listener, fresh);
}

std::string get(const std::string& target, const std::string& fields = "Host: a\r\n", const char* version = "1.1") {
  return "GET " + target + " HTTP/" + version + "\r\n" + fields + "\r\n";
}

TEST("head cache: a section enters at its second sighting and is found from then on") {
  HeadCache cache(1, 16);
  bool fresh = false;
  EXPECT_TRUE(insert(cache, get("/a"), fresh) == nullptr);
  CachedHead* entry = insert(cache, get("/b"), fresh);
  EXPECT_TRUE(entry != nullptr && fresh);
  EXPECT_TRUE(insert(cache, get("/c"), fresh) == entry && !fresh);
  EXPECT_TRUE(cache.find_whole(cache.index_of(*entry), 0, get("/b") + "behind it") == entry);
  EXPECT_TRUE(cache.find_whole(cache.index_of(*entry), 0, get("/c")) == nullptr);
  EXPECT_TRUE(cache.find_whole(-1, 0, get("/b")) == nullptr);
  const std::string all_but_one = get("/b").substr(0, get("/b").size() - 1);
  EXPECT_TRUE(cache.find_whole(cache.index_of(*entry), 0, all_but_one) == nullptr);
}

TEST("head cache: listeners and versions do not share entries") {
  HeadCache cache(1, 16);
  bool fresh = false;
  insert(cache, get("/"), fresh);
  CachedHead* entry = insert(cache, get("/"), fresh);
  const int32_t hint = cache.index_of(*entry);
  const size_t line_end = get("/").find('\n') + 1;
  EXPECT_TRUE(cache.find_section(hint, 0, 1, get("/"), line_end) == entry);
  EXPECT_TRUE(cache.find_section(hint, 1, 1, get("/"), line_end) == nullptr);
  EXPECT_TRUE(cache.find_section(hint, 0, 0, get("/"), line_end) == nullptr);
  EXPECT_TRUE(cache.find_whole(hint, 1, get("/")) == nullptr);
  EXPECT_TRUE(insert(cache, get("/"), fresh, 1) == nullptr);
  EXPECT_TRUE(insert(cache, get("/", "Host: a\r\n", "1.0"), fresh) == nullptr);
}

TEST("head cache: an entry with another request line is what parsing gives") {
  HeadCache cache(1, 16);
  bool fresh = false;
  insert(cache, get("/short"), fresh);
  CachedHead* entry = insert(cache, get("/short"), fresh);
  for (const char* target : {"/a/longer%20path?with=query", "/", "/x?"}) {
    const Context context(target);
    const std::string bytes = get(target);
    const http1::RequestHead parsed = parse(bytes);
    HeadCache::replace_line(*entry, parsed, bytes, parsed.header_section.offset);
    EXPECT_EQ(entry->bytes, bytes);
    EXPECT_EQ(entry->head.size, parsed.size);
    const auto same = [](http1::Span left, http1::Span right) {
      EXPECT_EQ(left.offset, right.offset);
      EXPECT_EQ(left.length, right.length);
    };
    same(entry->head.method, parsed.method);
    same(entry->head.target, parsed.target);
    same(entry->head.path, parsed.path);
    same(entry->head.query, parsed.query);
    same(entry->head.header_section, parsed.header_section);
    same(entry->head.authority, parsed.authority);
    for (size_t i = 0; i < parsed.fields.size(); ++i) {
      same(entry->head.fields[i].name, parsed.fields[i].name);
      same(entry->head.fields[i].value, parsed.fields[i].value);
    }
    EXPECT_EQ(entry->head.path_encoded, parsed.path_encoded);
    EXPECT_EQ(entry->head.keep_alive, parsed.keep_alive);
    EXPECT_TRUE(cache.find_whole(cache.index_of(*entry), 0, bytes) == entry);
  }
}

TEST("head cache: what is too large, or not in origin form, stays out; ids follow the entries") {
  HeadCache cache(100, 4);
  bool fresh = false;
  const std::string large = get("/", "Host: a\r\nCookie: " + std::string(5000, 'c') + "\r\n");
  const std::string absolute = get("http://a/x");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(insert(cache, large, fresh) == nullptr);
    EXPECT_TRUE(insert(cache, absolute, fresh) == nullptr);
  }
  for (int i = 0; i < 50; ++i) {
    const std::string bytes = get("/", "Host: a\r\nX: " + std::to_string(i) + "\r\n");
    insert(cache, bytes, fresh);
    const CachedHead* entry = insert(cache, bytes, fresh);
    EXPECT_TRUE(entry != nullptr && fresh && entry->bytes == bytes);
    if (entry != nullptr) EXPECT_TRUE(cache.template_id(*entry) >= 100 && cache.template_id(*entry) < 104);
  }
}

TEST("head table: heads by number") {
  server::HeadTable table;
  EXPECT_TRUE(table.find(1) == nullptr);
  server::ResponseHead head;
  head.status = 404;
  {
    const std::string bytes = "Not Found\r\nA: b\r\n";
    head.bytes = bytes;
    table.define(1, head);
    table.define(0, head);
    table.define(server::kMaxHeads, head);
  }
  EXPECT_TRUE(table.find(1) != nullptr && table.find(1)->bytes == "Not Found\r\nA: b\r\n");
  EXPECT_TRUE(table.find(0) == nullptr);
  EXPECT_TRUE(table.find(server::kMaxHeads) != nullptr);
  EXPECT_TRUE(table.find(server::kMaxHeads + 1) == nullptr);
  head.bytes = "Gone\r\n";
  head.status = 410;
  table.define(1, head);
  EXPECT_EQ(table.find(1)->status, 410);
}

TEST("head table: a number whose place another one has is unknown, not the other one") {
  server::HeadTable table;
  server::ResponseHead head;
  head.status = 200;
  head.bytes = "OK\r\nSet-Cookie: first\r\n";
  table.define(5, head);
  head.bytes = "OK\r\nSet-Cookie: second\r\n";
  table.define(5 + server::kMaxHeads, head);
  EXPECT_TRUE(table.find(5) == nullptr);
  EXPECT_TRUE(table.find(5 + 2 * server::kMaxHeads) == nullptr);
  EXPECT_EQ(table.find(5 + server::kMaxHeads)->bytes, head.bytes);
}

}  // namespace
}  // namespace tsuwsgi::test
