#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tsuwsgi::http1 {

enum class Framing : uint8_t { kNone, kLength, kChunked, kUntilClose };

/// What decides how a response is framed (RFC 9110 section 8.6, RFC 9112 section 6).
struct ResponseFacts {
  uint16_t status = 200;
  bool head_request = false;
  uint8_t version_minor = 1;  ///< of the request
  bool keep_alive = true;     ///< what the request and the server's state allow
  bool has_date = false;      ///< the head has a Date field already
  uint64_t length = 0;        ///< body length, where `length_known`
  bool length_known = false;  ///< for HEAD and 304: what GET would have sent
};

struct ResponsePlan {
  Framing framing = Framing::kNone;
  bool send_body = true;
  bool keep_alive = true;
};

/// Chooses the one framing of a response: the length where it is known; else none for HEAD, 1xx, 204 and 304, chunked
/// for the rest, or the connection's end for HTTP/1.0. A length on an answer to HEAD or on 304 is that of the content
/// which is not sent (RFC 9110 section 8.6); 1xx and 204 never have one; 205 has a length of 0 and no content.
ResponsePlan plan_response(const ResponseFacts& facts);

/// Appends what does not depend on the request: status line, the application's lines, Date.
/// `head` is `reason CRLF *(field-line CRLF)`, validated by its writer. `date` is 29 bytes (IMF-fixdate), or empty
/// where the head has a Date of its own.
void append_head_start(std::string& out, uint16_t status, std::string_view head, std::string_view date);
/// Appends the rest of the head: framing, Connection, empty line.
void append_head_end(std::string& out, const ResponseFacts& facts, const ResponsePlan& plan);
/// Both; `date` stays out where `facts.has_date`.
void append_head(std::string& out, const ResponseFacts& facts, const ResponsePlan& plan, std::string_view head,
                 std::string_view date);

/// Appends `size` in hexadecimal and CRLF. The data and a CRLF follow.
void append_chunk_head(std::string& out, size_t size);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// What of a refusal the request log tells.
struct RefusalSize {
  uint32_t fields = 0;  ///< without those of the server: Date, framing, Connection
  uint32_t head_bytes = 0;
  uint32_t body_bytes = 0;
};

/// A small complete response that the core makes by itself; closes the connection unless `keep_alive`.
/// Has `Retry-After` where `retry_after_seconds` > 0. HEAD gets no body.
RefusalSize append_refusal(std::string& out, uint16_t status, std::string_view date, bool head_request, bool keep_alive,
                           uint32_t retry_after_seconds);
/// The lines of its head: `reason CRLF *(field-line CRLF)`.
std::string refusal_lines(std::string_view reason, uint32_t retry_after_seconds);
/// Its end, behind a head that starts at `head_at`.
RefusalSize finish_refusal(std::string& out, size_t head_at, std::string_view reason, bool send_body,
                           uint32_t retry_after_seconds);

/// Standard reason phrase, "Unknown" for codes without one.
std::string_view reason_phrase(uint16_t status);

}  // namespace tsuwsgi::http1
