#include "server/read_request.h"

#include <optional>
#include <utility>

#include "net/socket_io.h"

namespace tsuwsgi::server {

namespace {

constexpr size_t kReadBytes = 64 * 1024;
/// Reads of one connection before others have their turn.
constexpr int kMaxReads = 4;
/// Pipelined requests of one connection that may run at the same time.
constexpr uint32_t kMaxPipelined = 64;

bool starts_with(std::string_view bytes, std::string_view start) { return bytes.compare(0, start.size(), start) == 0; }

std::string_view text_of(std::string_view bytes, http1::Span span) { return bytes.substr(span.offset, span.length); }

/// Methods whose requests may run beside each other (RFC 9110 section 9.2.1, RFC 9112 section 9.3.2).
bool is_safe(std::string_view bytes) {
  return starts_with(bytes, "GET ") || starts_with(bytes, "HEAD ") || starts_with(bytes, "OPTIONS ");
}

}  // namespace

RequestReader::RequestReader(LoopContext& context, RequestDispatcher& dispatcher, ResponseWriter& writer)
    : context_(context),
      dispatcher_(dispatcher),
      writer_(writer),
      body_reader_(context, dispatcher, writer),
      packets_(context, dispatcher, writer, body_reader_),
      fresh_(std::make_unique<PartialHead>(context.options.request)),
      line_parser_(context.options.request),
      scratch_(new char[kReadBytes]) {}

bool RequestReader::wants_input(const Connection& connection) const {
  if (connection.closing || connection.peer_eof || connection.held) return false;
  if (connection.discard_input) return connection.phase == Connection::Phase::kLingering;
  if (connection.close_after_output) return false;
  if (connection.reading != nullptr) return BodyReader::wants_more(*connection.reading);
  if (connection.output_blocked) return false;  // nothing of it would be begun
  // A packet's header does not count.
  return connection.pending_input().size() < size_t{context_.options.request.head_bytes} + uwsgi::kPacketHeaderBytes;
}

void RequestReader::read(Connection& connection) {
  int reads = 0;
  while (wants_input(connection) && reads++ < kMaxReads) {
    if (!read_once(connection)) return;
  }
  connection.more_to_read = !connection.peer_eof;
  if (reads > kMaxReads) context_.mark_resumable(connection);
}

/// A close of a UNIX socket ends both directions at once, also behind a request that has just arrived in full: it is
/// run all the same, as over TCP, and its signal says that the client is gone. What could not be begun yet is left out.
void RequestReader::end(Connection& connection) {
  connection.fin_arrived = true;  // so that reading goes on to the end
  while (wants_input(connection) && read_once(connection)) continue;
  if (!connection.closing) writer_.abort(connection, AbortReason::kClient);
}

/// False: the socket is empty (or the connection is over).
bool RequestReader::read_once(Connection& connection) {
  const net::IoResult result = net::receive(connection.fd.get(), scratch_.get(), kReadBytes);
  if (result.state == net::IoState::kBlocked) {
    connection.more_to_read = false;
    return false;
  }
  if (result.state == net::IoState::kBroken) {
    writer_.abort(connection, AbortReason::kClient);
    return false;
  }
  if (result.state == net::IoState::kEof) {
    end_of_input(connection);
    return false;
  }
  context_.counters.bytes_in.add(result.bytes);
  if (connection.discard_input) return true;
  const std::string_view bytes(scratch_.get(), result.bytes);
  if (connection.pending_input().empty()) {
    keep_rest(connection, bytes.substr(process(connection, bytes)));
  } else {
    connection.input += bytes;
    consume_buffered(connection);
  }
  // A short read emptied the socket; its edge will tell of more. Only the FIN that came with these bytes has no edge of
  // its own.
  if (result.bytes == kReadBytes || connection.fin_arrived) return true;
  connection.more_to_read = false;
  return false;
}

void RequestReader::end_of_input(Connection& connection) {
  connection.peer_eof = true;
  connection.more_to_read = false;
  if (connection.phase == Connection::Phase::kLingering) return writer_.abort(connection, AbortReason::kNone);
  // A streamed body may be here in full and wait for the application's credit: then `resume` finds out.
  if (connection.reading != nullptr && !connection.pending_input().empty()) return;
  if (connection.reading != nullptr) return end_inside_body(connection);
  // A half-closed client still gets the answers to what it asked in full.
  if (connection.requests.front != nullptr || !connection.output.empty()) return;
  if (connection.protocol == Protocol::uwsgi) return packets_.end_inside(connection);
  // A request that waited for the answer before it may be among what has been read: `resume` looks at that first.
  if (!connection.pending_input().empty()) return context_.mark_resumable(connection);
  writer_.abort(connection, AbortReason::kClient);
}

/// The rest of the body that is being read will never come. What was asked in full before it is answered all the same.
void RequestReader::end_inside_body(Connection& connection) {
  const Request* incomplete = connection.reading;
  const bool owes_answers = connection.requests.front != incomplete || !connection.output.empty();
  if (incomplete->known_to_js && !owes_answers) return writer_.abort(connection, AbortReason::kClient);
  writer_.refuse(connection, 400, "the input ended inside a body");
}

void RequestReader::keep_rest(Connection& connection, std::string_view rest) {
  connection.input_start = 0;
  if (rest.empty() || connection.discard_input) {
    if (!connection.input.empty()) std::string().swap(connection.input);
    return;
  }
  connection.input.assign(rest);
}

void RequestReader::consume_buffered(Connection& connection) {
  connection.input_start += process(connection, connection.pending_input());
  if (connection.input_start == connection.input.size() || connection.discard_input) {
    std::string().swap(connection.input);
    connection.input_start = 0;
  } else if (connection.input_start > connection.input.size() / 2) {
    connection.input.erase(0, connection.input_start);
    connection.input_start = 0;
  }
}

void RequestReader::resume(Connection& connection) {
  if (connection.closing || connection.held) return;
  if (!connection.discard_input && !connection.pending_input().empty()) consume_buffered(connection);
  if (connection.more_to_read && wants_input(connection)) read(connection);
  const bool cut_short = connection.peer_eof && connection.reading != nullptr && connection.pending_input().empty();
  if (cut_short && !connection.closing) return end_inside_body(connection);
  const bool finished = connection.peer_eof && connection.requests.front == nullptr && connection.output.empty();
  if (finished && !connection.closing) writer_.abort(connection, AbortReason::kNone);
}

/// Returns how many of the bytes are used up.
size_t RequestReader::process(Connection& connection, std::string_view bytes) {
  size_t used = 0;
  while (!connection.closing && !connection.discard_input && !connection.close_after_output) {
    if (connection.reading != nullptr) {
      used += body_reader_.feed(connection, bytes.substr(used));
      if (connection.reading != nullptr) return used;
      continue;
    }
    if (used == bytes.size()) return used;
    size_t consumed = 0;
    const Step step = read_head(connection, bytes.substr(used), consumed);
    used += consumed;
    if (step != Step::kAgain) return step == Step::kStop ? bytes.size() : used;
  }
  return bytes.size();
}

bool RequestReader::may_start_next(const Connection& connection, std::string_view bytes) const {
  // Who asks on and does not read would fill the memory with answers.
  if (connection.output_blocked) return false;
  const Request* last = connection.requests.back;
  if (last == nullptr) return true;
  // RFC 9112 section 9.6: behind a request that closes the connection nothing is run.
  return last->keep_alive && last->safe_method && connection.requests.count < kMaxPipelined && is_safe(bytes) &&
         !dispatcher_.over_pending_limit();
}

RequestReader::Step RequestReader::read_packet(Connection& connection, std::string_view bytes, size_t& consumed) {
  switch (packets_.read(connection, bytes, consumed)) {
    case proto::ParseResult::kNeedMore:
      return Step::kWait;
    case proto::ParseResult::kRefused:
      return Step::kStop;
    case proto::ParseResult::kDone:
      break;
  }
  return Step::kAgain;
}

RequestReader::Step RequestReader::read_head(Connection& connection, std::string_view bytes, size_t& consumed) {
  if (!may_start_next(connection, bytes)) return Step::kWait;
  if (connection.protocol == Protocol::uwsgi) return read_packet(connection, bytes, consumed);
  if (connection.partial == nullptr && begin_cached(connection, bytes, consumed)) return Step::kAgain;
  return parse_head(connection, bytes, consumed);
}

/// A head whose bytes were seen before, as a whole or from its second line on.
bool RequestReader::begin_cached(Connection& connection, std::string_view bytes, size_t& consumed) {
  HeadCache& cache = context_.head_cache;
  for (const int32_t hint : {connection.head_cache_hint, cache.most_recent()}) {
    CachedHead* entry = cache.find_whole(hint, connection.listener, bytes);
    if (entry == nullptr) continue;
    Request& request = new_request(connection, entry->head, entry->bytes);
    if (!reject_if_busy(request)) {
      dispatcher_.dispatch_bodyless(request, entry->head, entry->bytes, {entry, false, true});
    }
    connection.head_cache_hint = hint;
    consumed = entry->bytes.size();
    return true;
  }
  http1::Refusal refusal;
  line_parser_.reset();
  if (connection.head_cache_hint < 0 && cache.most_recent() < 0) return false;
  if (line_parser_.parse_request_line(bytes.data(), bytes.size(), line_, refusal) != http1::ParseResult::kDone)
    return false;
  if (line_.target_form != http1::TargetForm::kOrigin || dispatcher_.over_pending_limit()) return false;
  for (const int32_t hint : {connection.head_cache_hint, cache.most_recent()}) {
    CachedHead* entry = cache.find_section(hint, connection.listener, line_.version_minor, bytes, line_.size);
    if (entry == nullptr || line_.size + entry->section().size() > context_.options.request.head_bytes) continue;
    HeadCache::replace_line(*entry, line_, bytes, line_.size);
    Request& request = new_request(connection, entry->head, entry->bytes);
    dispatcher_.dispatch_bodyless(request, entry->head, entry->bytes, {entry, false, false});
    connection.head_cache_hint = hint;
    consumed = entry->bytes.size();
    return true;
  }
  return false;
}

RequestReader::Step RequestReader::parse_head(Connection& connection, std::string_view bytes, size_t& consumed) {
  PartialHead& place = connection.partial != nullptr ? *connection.partial : *fresh_;
  if (connection.partial == nullptr) place.parser.reset();
  http1::Refusal refusal;
  switch (place.parser.parse(bytes.data(), bytes.size(), place.head, refusal)) {
    case http1::ParseResult::kNeedMore:
      if (connection.partial == nullptr) {
        connection.partial = std::exchange(fresh_, std::make_unique<PartialHead>(context_.options.request));
      }
      return Step::kWait;
    case http1::ParseResult::kRefused:
      context_.counters.bad_requests.add();
      writer_.refuse(connection, refusal.status, refusal.reason, text_of(bytes, place.head.method),
                     text_of(bytes, place.head.target));
      connection.partial.reset();
      return Step::kStop;
    case http1::ParseResult::kDone:
      break;
  }
  const std::unique_ptr<PartialHead> done = std::move(connection.partial);
  consumed = place.head.size;
  begin_parsed(connection, place.head, bytes);
  return Step::kAgain;
}

Request& RequestReader::new_request(Connection& connection, const http1::RequestHead& head, std::string_view bytes) {
  Request& request = context_.acquire_request(connection);
  const std::string_view method = text_of(bytes, head.method);
  request.head_request = method == "HEAD";
  request.safe_method = request.head_request || method == "GET" || method == "OPTIONS";
  request.keep_alive = head.keep_alive;
  request.version_minor = head.version_minor;
  context_.counters.requests.add();
  if (context_.keeps_wire()) request.begin_wire(bytes.substr(0, head.size));
  if (context_.access_log.enabled()) dispatcher_.note_for_log(request, head, bytes);
  return request;
}

bool RequestReader::reject_if_busy(Request& request) {
  if (!dispatcher_.over_pending_limit()) return false;
  request.body_complete = true;
  writer_.reject(request);
  return true;
}

void RequestReader::begin_parsed(Connection& connection, const http1::RequestHead& head, std::string_view bytes) {
  if (!RequestDispatcher::fits_inbox(head)) {
    context_.counters.bad_requests.add();
    return writer_.refuse(connection, 431, "the head does not fit the inbox", text_of(bytes, head.method),
                          text_of(bytes, head.target));
  }
  Request& request = new_request(connection, head, bytes);
  if (head.has_body()) return begin_with_body(request, head, bytes);
  if (reject_if_busy(request)) return;
  RequestDispatcher::CacheAnswer answer;
  CachedHead* entry = context_.head_cache.find_or_insert(head, bytes, connection.listener, answer.fresh);
  if (entry != nullptr) {
    connection.head_cache_hint = context_.head_cache.index_of(*entry);
    answer.entry = entry;
    if (!answer.fresh) HeadCache::replace_line(*entry, head, bytes, head.header_section.offset);
  }
  dispatcher_.dispatch_bodyless(request, head, bytes, answer);
}

void RequestReader::begin_with_body(Request& request, const http1::RequestHead& head, std::string_view bytes) {
  Connection& connection = *request.connection;
  if (dispatcher_.rejects_unread_bodies()) {
    connection.discard_input = true;
    return writer_.reject(request);
  }
  connection.reading = &request;
  dispatcher_.prepare(request, head, bytes);
  request.continue_owed = head.expect_continue && bytes.size() == head.size;
  if (request.continue_owed && request.is_front()) writer_.send_continue(request);
  body_reader_.start(request, head.chunked ? std::nullopt : std::optional<uint64_t>(head.content_length));
}

}  // namespace tsuwsgi::server
