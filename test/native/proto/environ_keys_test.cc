#include "proto/environ_keys.h"

#include <set>
#include <string>

#include "native/harness.h"

namespace tsuwsgi::test {
namespace {

using proto::environ_key;
using proto::environ_key_of;
using proto::environ_key_of_header;
using proto::kUnknownKey;

uint16_t header_id(const std::string& name) {
  return environ_key_of_header(name.data(), static_cast<uint32_t>(name.size()));
}

/// "HTTP_USER_AGENT" as "user-agent"; empty for keys that no field makes.
std::string header_of(const std::string& key) {
  const bool http = key.compare(0, 5, "HTTP_") == 0;
  if (!http && key != "CONTENT_TYPE" && key != "CONTENT_LENGTH") return {};
  std::string name;
  for (const char c : key.substr(http ? 5 : 0)) {
    name += c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  return name;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

TEST("environ keys: every key is found by its text and, where it is a field, by its name in any case") {
  std::set<std::string> seen;
  for (uint16_t id = 0; id < proto::environ_key_count(); ++id) {
    const std::string key(environ_key(id));
    EXPECT_TRUE(seen.insert(key).second);
    EXPECT_EQ(environ_key_of(key), id);
    const std::string name = header_of(key);
    if (name.empty()) {
      EXPECT_EQ(header_id(key), kUnknownKey);
      continue;
    }
    EXPECT_EQ(header_id(name), id);
    EXPECT_EQ(header_id(upper(name)), id);
    std::string mixed = name;
    mixed[0] = upper(mixed.substr(0, 1))[0];
    EXPECT_EQ(header_id(mixed), id);
  }
  EXPECT_TRUE(seen.size() >= 100);
}

TEST("environ keys: one byte more, less or other is another name") {
  for (uint16_t id = 0; id < proto::environ_key_count(); ++id) {
    const std::string key(environ_key(id));
    EXPECT_TRUE(environ_key_of(key + "X") != id);
    EXPECT_TRUE(environ_key_of(key.substr(0, key.size() - 1)) != id);
    const std::string name = header_of(key);
    for (size_t place = 0; place < name.size(); ++place) {
      std::string other = name;
      other[place] = other[place] == 'q' ? 'z' : 'q';
      EXPECT_TRUE(header_id(other) != id);
      other[place] = '_';
      EXPECT_TRUE(header_id(other) != id);
    }
    if (!name.empty()) EXPECT_TRUE(header_id(name + "x") != id && header_id(name.substr(1)) != id);
  }
}

TEST("environ keys: what must not be known is not") {
  EXPECT_EQ(header_id("Proxy"), kUnknownKey);
  EXPECT_EQ(environ_key_of("HTTP_PROXY"), kUnknownKey);
  EXPECT_EQ(environ_key_of("HTTP_CONTENT_LENGTH"), kUnknownKey);
  EXPECT_EQ(environ_key_of("HTTP_CONTENT_TYPE"), kUnknownKey);
  EXPECT_EQ(header_id("Content_Length"), kUnknownKey);
  EXPECT_EQ(header_id("Request-Method"), kUnknownKey);
  EXPECT_EQ(header_id(std::string(1000, 'a')), kUnknownKey);
  EXPECT_EQ(environ_key_of(std::string(100000, 'A')), kUnknownKey);
  EXPECT_EQ(environ_key_of(""), kUnknownKey);
  EXPECT_EQ(environ_key_of_header("", 0), kUnknownKey);
  EXPECT_EQ(environ_key(kUnknownKey), "");
}

TEST("environ keys: what the gateway and the uwsgi protocol need is there") {
  for (const char* key :
       {"REQUEST_METHOD", "REQUEST_URI", "PATH_INFO", "QUERY_STRING", "SERVER_PROTOCOL", "CONTENT_TYPE",
        "CONTENT_LENGTH", "REMOTE_ADDR", "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "DOCUMENT_ROOT",
        "REQUEST_SCHEME", "HTTPS", "HTTP_HOST", "HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR"}) {
    EXPECT_TRUE(environ_key_of(key) != kUnknownKey);
  }
}

}  // namespace
}  // namespace tsuwsgi::test
