#include "fuzz/packet_invariants.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "fuzz/environ_pairs.h"
#include "fuzz/packet_run.h"
#include "proto/char_class.h"
#include "proto/environ_key_table.h"
#include "proto/uwsgi/to_environ.h"

namespace tsuwsgi::test {
namespace {

using proto::ParseResult;
using proto::RequestLimits;
using uwsgi::RequestHead;
using Strings = std::vector<std::pair<std::string, std::string>>;

std::string_view text_of(std::string_view bytes, proto::Span span) {
  TSUWSGI_CHECK(size_t{span.offset} + span.length <= bytes.size());
  return bytes.substr(span.offset, span.length);
}

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

/// A second, plain reading of a block: takes strings off its front. False where it ends within one.
bool take(std::string_view& block, std::string& out) {
  if (block.size() < 2) return false;
  const size_t size = static_cast<unsigned char>(block[0]) + 256u * static_cast<unsigned char>(block[1]);
  block.remove_prefix(2);
  if (block.size() < size) return false;
  out = block.substr(0, size);
  block.remove_prefix(size);
  return true;
}

bool read_plainly(std::string_view block, Strings& vars) {
  while (!block.empty()) {
    std::pair<std::string, std::string> var;
    if (!take(block, var.first) || !take(block, var.second)) return false;
    vars.push_back(std::move(var));
  }
  return true;
}

/// Variables that are as good as missing where they are empty.
bool counts_empty(std::string_view key) {
  static const std::set<std::string_view> filled = {"CONTENT_LENGTH", "CONTENT_TYPE", "SERVER_NAME", "SERVER_PORT",
                                                    "SERVER_PROTOCOL"};
  return filled.count(key) == 0;
}

/// The last value of a variable, as whoever relies on it has to see it.
std::string last_of(const Strings& vars, std::string_view key) {
  const auto found = std::find_if(vars.rbegin(), vars.rend(), [&](const auto& var) {
    return var.first == key && (!var.second.empty() || counts_empty(key));
  });
  return found == vars.rend() ? std::string() : found->second;
}

void check_vars(std::string_view packet, const RequestHead& head, const Strings& vars) {
  TSUWSGI_CHECK(head.vars.size() == vars.size());
  for (size_t i = 0; i < vars.size(); ++i) {
    TSUWSGI_CHECK(text_of(packet, head.vars[i].key) == vars[i].first);
    TSUWSGI_CHECK(text_of(packet, head.vars[i].value) == vars[i].second);
    TSUWSGI_CHECK(head.vars[i].known == proto::environ_key_of(vars[i].first));
  }
  TSUWSGI_CHECK(text_of(packet, head.method) == last_of(vars, "REQUEST_METHOD"));
  TSUWSGI_CHECK(text_of(packet, head.target) == last_of(vars, "REQUEST_URI"));
  TSUWSGI_CHECK(text_of(packet, head.path) == last_of(vars, "PATH_INFO"));
  TSUWSGI_CHECK(text_of(packet, head.remote_addr) == last_of(vars, "REMOTE_ADDR"));
  const std::string protocol = last_of(vars, "SERVER_PROTOCOL");
  TSUWSGI_CHECK(head.http10 == (protocol.empty() || protocol == "HTTP/1.0"));
}

/// Every value of CONTENT_LENGTH says the same number, or nothing.
void check_length(const RequestHead& head, const Strings& vars) {
  bool given = false;
  for (const auto& [key, value] : vars) {
    if (key != "CONTENT_LENGTH" || value.empty()) continue;
    given = true;
    TSUWSGI_CHECK(value.find_first_not_of("0123456789") == std::string::npos);
    const size_t digits = std::min(value.find_first_not_of('0'), value.size());
    TSUWSGI_CHECK((head.content_length == 0 ? "" : std::to_string(head.content_length)) == value.substr(digits));
  }
  TSUWSGI_CHECK(given == head.has_content_length);
}

bool is_decoded_path(const std::string& key) {
  static const std::set<std::string> paths = {"PATH_INFO",     "SCRIPT_NAME",     "DOCUMENT_URI",
                                              "DOCUMENT_ROOT", "PATH_TRANSLATED", "SCRIPT_FILENAME"};
  return paths.count(key) != 0;
}

/// Nothing that HTTP would keep out of an environ comes in here.
void check_pair(const std::string& key, std::string_view value) {
  TSUWSGI_CHECK(!key.empty() && key[0] != '_');
  TSUWSGI_CHECK(key != "REQUEST_METHOD" && key != "REQUEST_URI");
  const bool field = starts_with(key, "HTTP_");
  TSUWSGI_CHECK(field || key.find('.') == std::string::npos);
  for (const char c : key)
    TSUWSGI_CHECK(proto::in_class(c, proto::kToken) && !(field && (c == '-' || (c >= 'a' && c <= 'z'))));
  if (is_decoded_path(key)) return;
  for (const char c : value) {
    const bool line_end = (c == '\r' || c == '\n') && !field;
    TSUWSGI_CHECK(proto::in_class(c, proto::kValue) || line_end);
  }
}

void check_environ(std::string_view packet, const RequestHead& head, const Strings& vars) {
  proto::EnvironBlock block;
  block.text = "before";
  uwsgi::append_environ(head, packet.data(), block);
  check_pairs(block, [&vars](const std::string& key, std::string_view value, bool) {
    check_pair(key, value);
    const auto times = std::count_if(vars.begin(), vars.end(), [&](const auto& var) { return var.first == key; });
    TSUWSGI_CHECK(times > 0);
    const bool joined = times > 1 && starts_with(key, "HTTP_") && key != "HTTP_HOST";
    if (!joined && key != "CONTENT_LENGTH") TSUWSGI_CHECK(value == last_of(vars, key));
    if (joined) TSUWSGI_CHECK(value.size() >= last_of(vars, key).size() + 2 * static_cast<size_t>(times - 1));
  });
}

/// There is always a target, and nothing in it could end a line of a log.
void check_target(std::string_view packet, const RequestHead& head) {
  proto::EnvironBlock block;
  const uint32_t path_length = uwsgi::append_target(head, packet.data(), block);
  TSUWSGI_CHECK(path_length <= block.text.size() && !block.text.empty());
  TSUWSGI_CHECK(block.text.find('?') == (path_length == block.text.size() ? std::string::npos : path_length));
  for (const char c : block.text) TSUWSGI_CHECK(proto::in_class(c, proto::kValue));
}

void check_done(std::string_view bytes, const RequestHead& head, const RequestLimits& limits) {
  TSUWSGI_CHECK(head.size >= uwsgi::kPacketHeaderBytes && head.size <= bytes.size());
  if (head.is_ping()) {
    TSUWSGI_CHECK(head.vars.empty() && !head.has_body());
    return;
  }
  const std::string_view packet = bytes.substr(0, head.size);
  Strings vars;
  TSUWSGI_CHECK(head.modifier1 == 0 && head.size - uwsgi::kPacketHeaderBytes <= limits.head_bytes);
  TSUWSGI_CHECK(read_plainly(packet.substr(uwsgi::kPacketHeaderBytes), vars));
  TSUWSGI_CHECK(limits.header_count == 0 || vars.size() <= 2 * size_t{limits.header_count});
  TSUWSGI_CHECK(limits.target_bytes == 0 || head.target.length <= limits.target_bytes);
  TSUWSGI_CHECK(limits.body_bytes == 0 || head.content_length <= limits.body_bytes);
  check_vars(packet, head, vars);
  check_length(head, vars);
  check_target(packet, head);
  check_environ(packet, head, vars);
}

void check_with(std::string_view bytes, const RequestLimits& limits, Random& random) {
  const PacketRun run = run_packet(bytes, whole(bytes.size()), limits);
  const std::string text = run.text();
  TSUWSGI_CHECK(run_packet(bytes, at_random(bytes.size(), random), limits).text() == text);
  if (bytes.size() < 512) TSUWSGI_CHECK(run_packet(bytes, byte_by_byte(bytes.size()), limits).text() == text);
  if (run.result != ParseResult::kDone) return;
  check_done(bytes, run.head, limits);
  const size_t size = run.head.size;
  TSUWSGI_CHECK(run_packet(bytes.substr(0, size), whole(size), limits).text() == text);
  TSUWSGI_CHECK(run_packet(bytes.substr(0, size - 1), whole(size - 1), limits).result == ParseResult::kNeedMore);
}

}  // namespace

void check_packet(std::string_view bytes) {
  Random random(hash_of(bytes.data(), bytes.size()));
  check_with(bytes, RequestLimits(), random);
  RequestLimits small;
  small.head_bytes = static_cast<uint32_t>(random.below(bytes.size() + 2));
  small.target_bytes = static_cast<uint32_t>(random.below(40));
  small.header_count = static_cast<uint32_t>(random.below(8));
  small.body_bytes = random.below(20);
  check_with(bytes, small, random);
}

void check_packet_block(std::string_view block) {
  const std::string_view used = block.substr(0, 0xFFFF);
  std::string packet = {0, static_cast<char>(used.size() & 0xFF), static_cast<char>(used.size() >> 8), 0};
  packet += used;
  check_packet(packet);
}

}  // namespace tsuwsgi::test
