#include "server/log_template.h"

#include <algorithm>

namespace tsuwsgi::server {

namespace {

struct Name {
  std::string_view name;
  LogVariable variable;
};

constexpr Name kNames[] = {
    {"uri", LogVariable::kUri},
    {"method", LogVariable::kMethod},
    {"user", LogVariable::kUser},
    {"addr", LogVariable::kAddress},
    {"proto", LogVariable::kProtocol},
    {"status", LogVariable::kStatus},
    {"micros", LogVariable::kMicros},
    {"msecs", LogVariable::kMsecs},
    {"secs", LogVariable::kSeconds},
    {"time", LogVariable::kTime},
    {"tmsecs", LogVariable::kTimeMsecs},
    {"tmicros", LogVariable::kTimeMicros},
    {"ctime", LogVariable::kCtime},
    {"ltime", LogVariable::kLtime},
    {"ftime", LogVariable::kFtime},
    {"epoch", LogVariable::kEpoch},
    {"size", LogVariable::kSize},
    {"rsize", LogVariable::kBodySize},
    {"hsize", LogVariable::kHeadSize},
    {"pktsize", LogVariable::kPacketSize},
    {"pid", LogVariable::kPid},
    {"wid", LogVariable::kWorker},
    {"core", LogVariable::kCore},
    {"switches", LogVariable::kSwitches},
    {"vars", LogVariable::kVars},
    {"headers", LogVariable::kHeaders},
    {"modifier1", LogVariable::kZero},
    {"modifier2", LogVariable::kZero},
    {"werr", LogVariable::kWriteErrors},
    {"rerr", LogVariable::kReadErrors},
    {"ioerr", LogVariable::kErrors},
    // Not uWSGI's: the name that the application knows the request by, and where the time went.
    {"request_id", LogVariable::kRequestId},
    {"kernelmicros", LogVariable::kKernelMicros},
    {"bodymicros", LogVariable::kBodyMicros},
    {"waitmicros", LogVariable::kWaitingMicros},
    {"jsmicros", LogVariable::kJavascriptMicros},
    {"writemicros", LogVariable::kWritingMicros},
    {"rss", LogVariable::kRss},
    {"vsz", LogVariable::kVsz},
    {"rssM", LogVariable::kRssMegabytes},
    {"vszM", LogVariable::kVszMegabytes},
    // Variables of the request that the log knows anyway.
    {"var.REQUEST_URI", LogVariable::kUri},
    {"var.QUERY_STRING", LogVariable::kQuery},
    {"var.REQUEST_METHOD", LogVariable::kMethod},
    {"var.REMOTE_ADDR", LogVariable::kAddress},
    {"var.REMOTE_USER", LogVariable::kUser},
    {"var.SERVER_PROTOCOL", LogVariable::kProtocol},
};

struct FieldName {
  std::string_view name;
  std::string_view key;
  std::string_view absent = {};
};

constexpr FieldName kFieldNames[] = {
    {"host", "HTTP_HOST"},
    {"referer", "HTTP_REFERER"},
    {"uagent", "HTTP_USER_AGENT"},
    {"cl", "CONTENT_LENGTH", "0"},
};

constexpr std::string_view kVarPrefix = "var.";

}  // namespace

LogTemplate::LogTemplate(std::string_view text) {
  while (!text.empty()) {
    const size_t start = text.find("%(");
    const size_t end = start == std::string_view::npos ? start : text.find(')', start);
    if (end == std::string_view::npos) {
      add_text(text);
      return;
    }
    add_text(text.substr(0, start));
    add_variable(text.substr(start + 2, end - start - 2));
    text.remove_prefix(end + 1);
  }
}

void LogTemplate::add_text(std::string_view text) {
  if (!text.empty()) parts_.push_back({LogVariable::kText, std::string(text), 0});
}

void LogTemplate::add_variable(std::string_view name) {
  const auto* known =
      std::find_if(std::begin(kNames), std::end(kNames), [name](const Name& entry) { return entry.name == name; });
  if (known != std::end(kNames)) {
    parts_.push_back({known->variable, {}, 0});
    return;
  }
  const auto* field = std::find_if(std::begin(kFieldNames), std::end(kFieldNames),
                                   [name](const FieldName& entry) { return entry.name == name; });
  if (field != std::end(kFieldNames)) return add_field(field->key, field->absent);
  if (name.substr(0, kVarPrefix.size()) == kVarPrefix) return add_field(name.substr(kVarPrefix.size()), {});
  parts_.push_back({LogVariable::kNothing, {}, 0});
}

void LogTemplate::add_field(std::string_view key, std::string_view absent) {
  const auto known = std::find(fields_.begin(), fields_.end(), key);
  parts_.push_back({LogVariable::kField, std::string(absent), static_cast<uint32_t>(known - fields_.begin())});
  if (known == fields_.end()) fields_.emplace_back(key);
}

}  // namespace tsuwsgi::server
