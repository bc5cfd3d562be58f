#include "server/read_body.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "server/body_spool.h"

namespace tsuwsgi::server {

namespace {
/// Of a streamed body in one record: all records have to fit the inbox.
constexpr size_t kMaxPieceBytes = 64 * 1024;
}  // namespace

void BodyReader::start(Request& request, std::optional<uint64_t> length) {
  Connection& connection = *request.connection;
  request.streamed = context_.options.post_buffering_bytes == 0;
  if (!length.has_value()) {
    connection.decoder.start_chunked(context_.options.request.body_bytes, context_.options.request.head_bytes);
  } else {
    connection.decoder.start_length(*length);  // which claims no memory: the client has only announced the bytes
  }
  if (request.streamed) dispatcher_.dispatch_with_body(request, length.value_or(kUndeclared));
}

size_t BodyReader::feed(Connection& connection, std::string_view bytes) {
  size_t used = 0;
  Request& request = *connection.reading;
  // Without credit the decoder is still asked once all bytes are used: the last of them may have completed the body.
  while (connection.reading == &request && (wants_more(request) || used == bytes.size())) {
    const http1::BodyDecoder::Step step = connection.decoder.next(bytes.data() + used, bytes.size() - used);
    used += step.consumed;
    switch (step.kind) {
      case http1::BodyDecoder::Kind::kNeedMore:
        request.add_to_wire(bytes.substr(0, used));
        return used;
      case http1::BodyDecoder::Kind::kData:
        if (!store(request, {step.data, step.length})) return bytes.size();
        break;
      case http1::BodyDecoder::Kind::kEnd:
        request.add_to_wire(bytes.substr(0, used));
        complete(connection);
        return used;
      case http1::BodyDecoder::Kind::kRefused:
        context_.counters.bad_requests.add();
        writer_.refuse(connection, step.refusal.status, step.refusal.reason);
        return bytes.size();
    }
  }
  request.add_to_wire(bytes.substr(0, used));
  return used;
}

bool BodyReader::fits_memory(const Request& request, size_t more) const {
  if (request.body_bytes + more > context_.options.post_buffering_bytes) return false;
  const uint64_t held = context_.shared.body_memory.load(std::memory_order_relaxed);
  return context_.options.body_memory_bytes == 0 || held + more <= context_.options.body_memory_bytes;
}

bool BodyReader::store(Request& request, std::string_view bytes) {
  request.connection->window_bytes += bytes.size();
  if (request.streamed) {
    pass_on(request, bytes);
    request.body_bytes += bytes.size();
    return true;
  }
  if (!request.spool.valid() && fits_memory(request, bytes.size())) {
    request.body += bytes;
    request.body_bytes += bytes.size();
    request.body_memory += bytes.size();
    context_.shared.body_memory.fetch_add(bytes.size(), std::memory_order_relaxed);
    return true;
  }
  if (spool(request, bytes)) return true;
  context_.log(2, "cannot keep a request body in " + context_.options.spool_directory + ": " + std::strerror(errno) +
                      "; set --spool-dir to a directory with space, or raise --post-buffering");
  writer_.refuse(*request.connection, 503, "no space for the request body");
  return false;
}

bool BodyReader::spool(Request& request, std::string_view bytes) {
  if (!request.spool.valid()) {
    request.spool = open_spool(context_.options.spool_directory);
    if (!request.spool.valid() || !append_to_spool(request.spool.get(), request.body)) return false;
    context_.forget_body_memory(request);
    std::string().swap(request.body);
  }
  request.body_bytes += bytes.size();
  return append_to_spool(request.spool.get(), bytes);
}

void BodyReader::pass_on(Request& request, std::string_view bytes) {
  request.body_credit -= std::min<uint64_t>(request.body_credit, bytes.size());
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kMaxPieceBytes);
    uint8_t* record = context_.events.append(EventType::kBody, 4 * kWordBytes + piece.size());
    RecordQueue::put(record, 1, context_.request_handle(request));
    RecordQueue::put(record, 2, request.generation);
    RecordQueue::put(record, 3, static_cast<uint32_t>(piece.size()));
    std::memcpy(record + 4 * kWordBytes, piece.data(), piece.size());
    bytes.remove_prefix(piece.size());
  }
}

void BodyReader::complete(Connection& connection) {
  Request& request = *connection.reading;
  connection.reading = nullptr;
  request.body_complete = true;
  if (request.streamed) {
    context_.small_event(EventType::kBodyEnd, request);
  } else if (dispatcher_.over_pending_limit()) {
    writer_.reject(request);
  } else {
    dispatcher_.dispatch_with_body(request, 0);
  }
}

}  // namespace tsuwsgi::server
