#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsuwsgi::server {

/// What a `%(variable)` of a request line stands for. Source: uWSGI's --log-format.
enum class LogVariable : uint8_t {
  kText,     ///< no variable: the text between two of them
  kNothing,  ///< unknown here: a dash
  kField,    ///< a variable of the request
  kUri,
  kQuery,
  kMethod,
  kUser,
  kAddress,
  kProtocol,
  kStatus,
  kMicros,
  kMsecs,
  kSeconds,
  kTime,
  kTimeMsecs,
  kTimeMicros,
  kCtime,
  kLtime,
  kFtime,
  kEpoch,
  kSize,
  kBodySize,
  kHeadSize,
  kPacketSize,
  kPid,
  kWorker,
  kCore,
  kRequestId,
  kSwitches,
  kVars,
  kHeaders,
  kZero,
  kReadErrors,
  kWriteErrors,
  kErrors,
  kKernelMicros,
  kBodyMicros,
  kWaitingMicros,
  kJavascriptMicros,
  kWritingMicros,
  kRss,
  kVsz,
  kRssMegabytes,
  kVszMegabytes,
};

struct LogPart {
  LogVariable variable = LogVariable::kText;
  std::string text;    ///< of kText; of kField: what stands for an empty one, instead of a dash
  uint32_t field = 0;  ///< of kField: index into LogTemplate::fields
};

/// A text with `%(variables)`, taken apart once. What is no variable is taken as it is, `%%` too.
class LogTemplate {
 public:
  explicit LogTemplate(std::string_view text);

  bool empty() const { return parts_.empty(); }
  const std::vector<LogPart>& parts() const { return parts_; }
  /// Environ keys of the request whose values lines show.
  const std::vector<std::string>& fields() const { return fields_; }

 private:
  void add_text(std::string_view text);
  void add_variable(std::string_view name);
  void add_field(std::string_view key, std::string_view absent);

  std::vector<LogPart> parts_;
  std::vector<std::string> fields_;
};

}  // namespace tsuwsgi::server
