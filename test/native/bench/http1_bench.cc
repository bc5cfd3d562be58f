#include <string>
#include <string_view>

#include "native/bench/bench.h"
#include "proto/http1/head_parser.h"
#include "proto/http1/response_writer.h"
#include "proto/http1/to_environ.h"
#include "proto/scan.h"

namespace tsuwsgi::test {
namespace {

constexpr std::string_view kSmall = "GET / HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\r\n";
constexpr std::string_view kBrowser =
    "GET /shop/item?id=7&ref=home HTTP/1.1\r\nHost: www.shop.test\r\nConnection: keep-alive\r\n"
    "Cache-Control: max-age=0\r\nsec-ch-ua: \"Chromium\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\nsec-ch-ua-mobile: "
    "?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\nUpgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\nCookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\r\n";
constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

void parse(std::string_view bytes, size_t rounds) {
  const proto::RequestLimits limits;
  http1::HeadParser parser(limits);
  http1::RequestHead head;
  http1::Refusal refusal;
  for (size_t i = 0; i < rounds; ++i) {
    parser.reset();
    keep(parser.parse(bytes.data(), bytes.size(), head, refusal));
  }
}

void to_environ(std::string_view bytes, size_t rounds) {
  const proto::RequestLimits limits;
  http1::HeadParser parser(limits);
  http1::RequestHead head;
  http1::Refusal refusal;
  parser.parse(bytes.data(), bytes.size(), head, refusal);
  proto::EnvironBlock block;
  for (size_t i = 0; i < rounds; ++i) {
    block.clear();
    http1::append_environ(head, bytes.data(), block);
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
    http1::append_head(out, facts, http1::plan_response(facts), "OK\r\nContent-Type: text/html\r\n", kDate);
    keep(out.data());
  }
}

bool add_scans() {
  size_t count = 0;
  const proto::ScanVariant* variants = proto::scan_variants(count);
  for (const size_t length : {size_t{10}, size_t{24}, size_t{100}, size_t{1000}}) {
    for (size_t i = 0; i < count; ++i) {
      const proto::ScanVariant& variant = variants[i];
      const auto add = [&](const char* set, proto::SkipFunction skip) {
        add_bench(std::string("scan ") + set + ' ' + std::to_string(length) + ' ' + variant.name, [=](size_t rounds) {
          // As in a head: the run ends long before the buffer does.
          const std::string run = std::string(length, 'a') + '\r' + std::string(64, 'a');
          for (size_t round = 0; round < rounds; ++round) keep(skip(run.data(), run.data() + run.size()));
        });
      };
      add("value", variant.skip_value);
      add("target", variant.skip_target);
      add("token", variant.skip_token);
    }
  }
  return true;
}

[[maybe_unused]] const bool kAdded =
    add_bench("head small", [](size_t rounds) { parse(kSmall, rounds); }) &&
    add_bench("head browser", [](size_t rounds) { parse(kBrowser, rounds); }) &&
    add_bench("to_environ small", [](size_t rounds) { to_environ(kSmall, rounds); }) &&
    add_bench("to_environ browser", [](size_t rounds) { to_environ(kBrowser, rounds); }) &&
    add_bench("append_head", respond) && add_scans();

}  // namespace
}  // namespace tsuwsgi::test
