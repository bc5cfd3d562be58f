#include <string>
#include <string_view>
#include <utility>

#include "native/bench/bench.h"
#include "proto/uwsgi/head_parser.h"
#include "proto/uwsgi/response_writer.h"
#include "proto/uwsgi/to_environ.h"

namespace tsuwsgi::test {
namespace {

/// What nginx's uwsgi_params say, and the fields of a client.
constexpr std::pair<std::string_view, std::string_view> kParams[] = {
    {"QUERY_STRING", "id=7&ref=home"},
    {"REQUEST_METHOD", "GET"},
    {"CONTENT_TYPE", ""},
    {"CONTENT_LENGTH", ""},
    {"REQUEST_URI", "/shop/item?id=7&ref=home"},
    {"PATH_INFO", "/shop/item"},
    {"DOCUMENT_ROOT", "/usr/share/nginx/html"},
    {"SERVER_PROTOCOL", "HTTP/1.1"},
    {"REQUEST_SCHEME", "http"},
    {"REMOTE_ADDR", "192.0.2.7"},
    {"REMOTE_PORT", "50123"},
    {"SERVER_PORT", "80"},
    {"SERVER_NAME", "www.shop.test"},
    {"HTTP_HOST", "www.shop.test"},
};
constexpr std::pair<std::string_view, std::string_view> kBrowser[] = {
    {"HTTP_CONNECTION", "keep-alive"},
    {"HTTP_CACHE_CONTROL", "max-age=0"},
    {"HTTP_SEC_CH_UA", "\"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\""},
    {"HTTP_SEC_CH_UA_MOBILE", "?0"},
    {"HTTP_SEC_CH_UA_PLATFORM", "\"Linux\""},
    {"HTTP_UPGRADE_INSECURE_REQUESTS", "1"},
    {"HTTP_USER_AGENT",
     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"},
    {"HTTP_ACCEPT", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
    {"HTTP_SEC_FETCH_SITE", "none"},
    {"HTTP_SEC_FETCH_MODE", "navigate"},
    {"HTTP_ACCEPT_ENCODING", "gzip, deflate, br"},
    {"HTTP_ACCEPT_LANGUAGE", "en-GB,en;q=0.9"},
    {"HTTP_COOKIE", "session=0123456789abcdef0123456789abcdef; theme=dark"},
};

void append_string(std::string& out, std::string_view text) {
  out += static_cast<char>(text.size() & 0xFF);
  out += static_cast<char>(text.size() >> 8);
  out += text;
}

std::string packet(bool browser) {
  std::string block;
  const auto add = [&block](const std::pair<std::string_view, std::string_view>& var) {
    append_string(block, var.first);
    append_string(block, var.second);
  };
  for (const auto& var : kParams) add(var);
  if (browser) {
    for (const auto& var : kBrowser) add(var);
  }
  const std::string header = {0, static_cast<char>(block.size() & 0xFF), static_cast<char>(block.size() >> 8), 0};
  return header + block;
}

void parse(const std::string& bytes, size_t rounds) {
  const proto::RequestLimits limits;
  const uwsgi::HeadParser parser(limits);
  uwsgi::RequestHead head;
  uwsgi::Refusal refusal;
  for (size_t i = 0; i < rounds; ++i) keep(parser.parse(bytes.data(), bytes.size(), head, refusal));
}

void to_environ(const std::string& bytes, size_t rounds) {
  const proto::RequestLimits limits;
  uwsgi::RequestHead head;
  uwsgi::Refusal refusal;
  uwsgi::HeadParser(limits).parse(bytes.data(), bytes.size(), head, refusal);
  proto::EnvironBlock block;
  for (size_t i = 0; i < rounds; ++i) {
    block.clear();
    keep(uwsgi::append_target(head, bytes.data(), block));
    uwsgi::append_environ(head, bytes.data(), block);
    keep(block.text.data());
  }
}

void respond(size_t rounds) {
  std::string out;
  http1::ResponseFacts facts;
  facts.length_known = true;
  for (size_t i = 0; i < rounds; ++i) {
    out.clear();
    facts.length = i & 0xffff;
    uwsgi::append_head(out, facts, uwsgi::plan_response(facts), "OK\r\nContent-Type: text/html\r\n");
    keep(out.data());
  }
}

[[maybe_unused]] const bool kAdded =
    add_bench("parse packet of 14 variables", [](size_t rounds) { parse(packet(false), rounds); }) &&
    add_bench("parse packet of a browser", [](size_t rounds) { parse(packet(true), rounds); }) &&
    add_bench("environ of packet of 14 variables", [](size_t rounds) { to_environ(packet(false), rounds); }) &&
    add_bench("environ of packet of a browser", [](size_t rounds) { to_environ(packet(true), rounds); }) &&
    add_bench("uwsgi response head", respond);

}  // namespace
}  // namespace tsuwsgi::test
