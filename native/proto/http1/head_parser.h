#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/http1/field_rules.h"
#include "proto/http1/parse_result.h"
#include "proto/http1/request_head.h"
#include "proto/http1/request_line.h"
#include "proto/request_limits.h"

namespace tsuwsgi::http1 {

/// Incremental, strict parser of a request head (RFC 9112 sections 2 to 5).
/// It is given the whole of what has arrived since the request's first byte, again and again; it never looks twice at a
/// line it has finished, so a head that arrives byte by byte costs linear time. A wrong line is refused as soon as the
/// wrong byte is there.
class HeadParser {
 public:
  explicit HeadParser(const proto::RequestLimits& limits) : limits_(limits) {}

  /// Forgets the last request; the next `parse` starts at a first byte.
  void reset();

  /// `data[0, size)` starts at the request's first byte and begins with what the last call saw. On kDone `head` is
  /// filled and `head.size` tells where the body starts.
  ParseResult parse(const char* data, size_t size, RequestHead& head, Refusal& refusal);

  /// Parses a request line only (used when the header section is known already).
  /// Starts over at each call and leaves the state of `parse` alone.
  /// kDone: `head`'s method, target, path, query, form, version are set and `head.size` is the first byte behind the
  /// line end.
  ParseResult parse_request_line(const char* data, size_t size, RequestHead& head, Refusal& refusal);

 private:
  /// Where the next byte belongs. Within a phase `at_` moves on, so nothing is looked at twice.
  enum class Phase : uint8_t { kRequestLine, kFieldStart, kName, kValueStart, kValue, kFieldLf, kEndLf, kDone };

  ParseResult advance(const char* data, size_t window, RequestHead& head, Refusal& refusal);
  ParseResult read_request_line(const char* data, size_t window, RequestHead& head, Refusal& refusal);
  ParseResult start_field(char c, RequestHead& head, Refusal& refusal);
  ParseResult read_name(const char* data, size_t window, Refusal& refusal);
  ParseResult read_value_start(const char* data, size_t window);
  ParseResult read_value(const char* data, size_t window, Refusal& refusal);
  ParseResult finish_field(const char* data, RequestHead& head, Refusal& refusal);
  ParseResult finish_head(char c, RequestHead& head, Refusal& refusal);

  const proto::RequestLimits& limits_;
  RequestLineParser line_;
  FieldRules rules_;
  HeaderField field_;  ///< the one being read
  uint32_t mark_ = 0;  ///< first byte of the element being read
  uint32_t at_ = 0;    ///< first byte not looked at yet
  Phase phase_ = Phase::kRequestLine;
};

}  // namespace tsuwsgi::http1
