#include "server/dispatch_request.h"

#include <cstring>
#include <utility>

#include "proto/http1/to_environ.h"
#include "proto/uwsgi/to_environ.h"

namespace tsuwsgi::server {

namespace {

std::string_view text_of(std::string_view bytes, http1::Span span) { return bytes.substr(span.offset, span.length); }

uint32_t flags_of(const http1::RequestHead& head) {
  return (head.version_minor == 0 ? kFlagHttp10 : 0u) | (head.path_encoded ? kFlagPathEncoded : 0u);
}

uint32_t flags_of(const uwsgi::RequestHead& head) {
  return kFlagUwsgi | (head.http10 ? kFlagHttp10 : 0u) | (head.https ? kFlagHttps : 0u);
}

constexpr size_t kFixedBytes = size_t{kRequestWords} * kWordBytes;

/// "N vars in M bytes" is about the packet that uWSGI makes of a request over HTTP: names and values are counted, the
/// bytes include two of length for each. These are the variables that every request has beside its header fields, and
/// their bytes without method and target; how long the server's name and port and the client's address are is assumed.
constexpr uint32_t kBasicVars = 9;
constexpr uint32_t kBasicVarsBytes = 167;
constexpr uint32_t kPrefixBytes = 5;  ///< "HTTP_" of each field; its separators in the head weigh what its lengths do

uint32_t packet_bytes(const http1::RequestHead& head, std::string_view target) {
  // PATH_INFO and QUERY_STRING are REQUEST_URI once more, without the question mark.
  const size_t split = target.size() - (target.find('?') == std::string_view::npos ? 0 : 1);
  const size_t fields = head.header_section.length + head.fields.size() * kPrefixBytes;
  return static_cast<uint32_t>(kBasicVarsBytes + head.method.length + target.size() + split + fields);
}

}  // namespace

bool RequestDispatcher::over_pending_limit() const {
  if (context_.evacuating) return true;
  if (context_.options.on_js_thread || context_.options.max_pending == 0) return false;
  return context_.shared.pending.load(std::memory_order_relaxed) >= context_.options.max_pending;
}

bool RequestDispatcher::rejects_unread_bodies() const {
  return (context_.options.post_buffering_bytes == 0 || context_.evacuating) && over_pending_limit();
}

bool RequestDispatcher::fits_inbox(const http1::RequestHead& head) {
  // A field's pair, "HTTP_" before its name and the separators of joined values.
  constexpr size_t kBytesPerField = kPairWords * kWordBytes + 8;
  return kFixedBytes + head.size + head.fields.size() * kBytesPerField + kInlineBodyBytes + 64 <= kInboxBytes;
}

void RequestDispatcher::announce(Connection& connection) {
  if (connection.announced) return;
  connection.announced = true;
  const size_t length = std::strlen(connection.peer.host);
  uint8_t* record = context_.events.append(EventType::kPeer, 6 * kWordBytes + length);
  RecordQueue::put(record, 1, connection.slot | context_.index << kLoopShift);
  RecordQueue::put(record, 2, connection.generation);
  RecordQueue::put(record, 3, connection.listener);
  RecordQueue::put(record, 4, static_cast<uint32_t>(length));
  RecordQueue::put(record, 5, connection.peer.port);
  std::memcpy(record + 6 * kWordBytes, connection.peer.host, length);
}

void RequestDispatcher::build_block(const http1::RequestHead& head, std::string_view bytes) {
  block_.clear();
  block_.text += text_of(bytes, head.method);
  method_length_ = head.method.length;
  const size_t target_at = block_.text.size();
  if (head.target_form == http1::TargetForm::kAbsolute) {
    // What an application needs of an absolute target is its path and query; the authority is HTTP_HOST.
    block_.text += head.path.length == 0 ? std::string_view("/") : text_of(bytes, head.path);
    path_length_ = static_cast<uint32_t>(block_.text.size() - target_at);
    if (head.query.length > 0) {
      block_.text += '?';
      block_.text += text_of(bytes, head.query);
    }
  } else {
    block_.text += text_of(bytes, head.target);
    path_length_ = head.path.length;
  }
  target_length_ = static_cast<uint32_t>(block_.text.size() - target_at);
  http1::append_environ(head, bytes.data(), block_);
}

/// A packet's block of variables is at most 64 KiB and its pairs four times as much: every record fits the inbox.
void RequestDispatcher::build_block(const uwsgi::RequestHead& head, std::string_view bytes) {
  block_.clear();
  block_.text += text_of(bytes, head.method);
  method_length_ = head.method.length;
  path_length_ = uwsgi::append_target(head, bytes.data(), block_);
  target_length_ = static_cast<uint32_t>(block_.text.size()) - method_length_;
  uwsgi::append_environ(head, bytes.data(), block_);
}

void RequestDispatcher::put_common(uint8_t* record, const Request& request, uint32_t flags) {
  RecordQueue::put(record, kRequestSlot, context_.request_handle(request));
  RecordQueue::put(record, kRequestGeneration, request.generation);
  RecordQueue::put(record, kRequestFlags, flags);
  RecordQueue::put(record, kRequestConnection, request.connection->slot | context_.index << kLoopShift);
  RecordQueue::put(record, kRequestTextAt, static_cast<uint32_t>(kFixedBytes));
}

void RequestDispatcher::append_template_record(Request& request, const http1::RequestHead& head, std::string_view bytes,
                                               const CacheAnswer& cache) {
  const size_t text_length = cache.same_line ? 0 : size_t{head.method.length} + head.target.length;
  uint8_t* record = context_.events.append(EventType::kRequest, kFixedBytes + text_length);
  put_common(record, request, flags_of(head) | kFlagTemplateHit | (cache.same_line ? kFlagSameLine : 0u));
  RecordQueue::put(record, kRequestTemplate, context_.head_cache.template_id(*cache.entry));
  if (cache.same_line) return;
  RecordQueue::put(record, kRequestTextLength, static_cast<uint32_t>(text_length));
  RecordQueue::put(record, kRequestMethodLength, head.method.length);
  RecordQueue::put(record, kRequestTargetLength, head.target.length);
  RecordQueue::put(record, kRequestPathLength, head.path.length);
  std::memcpy(record + kFixedBytes, bytes.data() + head.method.offset, head.method.length);
  std::memcpy(record + kFixedBytes + head.method.length, bytes.data() + head.target.offset, head.target.length);
}

void RequestDispatcher::append_block_record(Request& request, uint32_t flags, const CacheAnswer& cache) {
  const size_t pairs_bytes = block_.pairs.size() * kPairWords * kWordBytes;
  const size_t text_at = kFixedBytes + pairs_bytes;
  uint8_t* record = context_.events.append(EventType::kRequest, text_at + block_.text.size());
  put_common(record, request, flags | (cache.fresh ? kFlagTemplateDefine : 0u));
  if (cache.fresh) RecordQueue::put(record, kRequestTemplate, context_.head_cache.template_id(*cache.entry));
  RecordQueue::put(record, kRequestTextAt, static_cast<uint32_t>(text_at));
  RecordQueue::put(record, kRequestTextLength, static_cast<uint32_t>(block_.text.size()));
  RecordQueue::put(record, kRequestPairs, static_cast<uint32_t>(block_.pairs.size()));
  RecordQueue::put(record, kRequestMethodLength, method_length_);
  RecordQueue::put(record, kRequestTargetLength, target_length_);
  RecordQueue::put(record, kRequestPathLength, path_length_);
  uint32_t word = kRequestWords;
  for (const proto::EnvironPair& pair : block_.pairs) {
    RecordQueue::put(record, word++, static_cast<uint32_t>(pair.known) << 16 | pair.key_length);
    RecordQueue::put(record, word++, pair.key_offset);
    RecordQueue::put(record, word++, pair.value_offset);
    RecordQueue::put(record, word++, pair.value_length);
  }
  std::memcpy(record + text_at, block_.text.data(), block_.text.size());
}

void RequestDispatcher::dispatch_bodyless(Request& request, const http1::RequestHead& head, std::string_view bytes,
                                          const CacheAnswer& cache) {
  announce(*request.connection);
  context_.board.enter(request, context_.request_handle(request), text_of(bytes, head.method),
                       text_of(bytes, head.target));
  if (cache.entry != nullptr && !cache.fresh) {
    append_template_record(request, head, bytes, cache);
  } else {
    build_block(head, bytes);
    append_block_record(request, flags_of(head), cache);
  }
  request.body_complete = true;
  hand_over(request);
}

void RequestDispatcher::dispatch_bodyless(Request& request, const uwsgi::RequestHead& head, std::string_view bytes) {
  announce(*request.connection);
  build_block(head, bytes);
  enter_block(request);
  append_block_record(request, flags_of(head), {});
  request.body_complete = true;
  hand_over(request);
}

void RequestDispatcher::prepare(Request& request, const http1::RequestHead& head, std::string_view bytes) {
  build_block(head, bytes);
  enter_block(request);
  keep_block_record(request, flags_of(head));
}

void RequestDispatcher::prepare(Request& request, const uwsgi::RequestHead& head, std::string_view bytes) {
  build_block(head, bytes);
  enter_block(request);
  keep_block_record(request, flags_of(head));
}

/// Method and target stand first in the block.
void RequestDispatcher::enter_block(Request& request) {
  const std::string_view text = block_.text;
  context_.board.enter(request, context_.request_handle(request), text.substr(0, method_length_),
                       text.substr(method_length_, target_length_));
}

void RequestDispatcher::keep_block_record(Request& request, uint32_t flags) {
  announce(*request.connection);
  const size_t before = context_.events.bytes().size();
  append_block_record(request, flags, {});
  request.record = std::make_unique<std::string>(reinterpret_cast<const char*>(context_.events.bytes().data()) + before,
                                                 context_.events.bytes().size() - before);
  context_.events.truncate(before);
}

void RequestDispatcher::put_body(uint8_t* record, Request& request, uint64_t streamed_length) {
  BodyKind kind = BodyKind::kNone;
  uint64_t length = request.body_bytes;
  if (request.streamed) {
    kind = BodyKind::kStream;
    length = streamed_length;
  } else if (request.spool.valid()) {
    kind = BodyKind::kFile;
    RecordQueue::put(record, kRequestBodyAt, static_cast<uint32_t>(request.spool.release()));
  } else if (request.body.size() > kInlineBodyBytes) {
    kind = BodyKind::kMemory;
    const auto pointer = reinterpret_cast<uintptr_t>(context_.hold_body(request).release());
    RecordQueue::put(record, kRequestBodyAt, static_cast<uint32_t>(pointer));
    RecordQueue::put(record, kRequestBodyPointerHigh, static_cast<uint32_t>(uint64_t{pointer} >> 32));
  } else if (!request.body.empty()) {
    kind = BodyKind::kInline;
  }
  RecordQueue::put(record, kRequestFlags,
                   word_at(record, kRequestFlags) | static_cast<uint32_t>(kind) << kFlagBodyShift);
  RecordQueue::put(record, kRequestBodyLow, static_cast<uint32_t>(length));
  RecordQueue::put(record, kRequestBodyHigh, static_cast<uint32_t>(length >> 32));
}

void RequestDispatcher::dispatch_with_body(Request& request, uint64_t streamed_length) {
  const std::string head = std::move(*request.record);
  request.record.reset();
  const bool is_inline = !request.streamed && !request.spool.valid() && request.body.size() <= kInlineBodyBytes;
  const size_t extra = is_inline ? request.body.size() : 0;
  uint8_t* record = context_.events.append(EventType::kRequest, head.size() + extra);
  const uint32_t type_and_size = word_at(record, 0);
  std::memcpy(record, head.data(), head.size());
  RecordQueue::put(record, 0, type_and_size);
  if (extra > 0) {
    RecordQueue::put(record, kRequestBodyAt, static_cast<uint32_t>(head.size()));
    std::memcpy(record + head.size(), request.body.data(), extra);
  }
  put_body(record, request, streamed_length);
  context_.forget_body_memory(request);
  std::string().swap(request.body);
  hand_over(request);
}

void RequestDispatcher::hand_over(Request& request) {
  request.stage = Request::Stage::kRunning;
  context_.hand_over(request);
}

namespace {
/// Whether a header field of this name becomes the environ key: HTTP_X_Y, or CONTENT_TYPE and CONTENT_LENGTH.
bool is_environ_key(std::string_view name, std::string_view key) {
  constexpr std::string_view kPrefix = "HTTP_";
  if (key.substr(0, kPrefix.size()) == kPrefix) {
    key.remove_prefix(kPrefix.size());
  } else if (key != "CONTENT_TYPE" && key != "CONTENT_LENGTH") {
    return false;
  }
  if (name.size() != key.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i] == '-' ? '_' : name[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != key[i]) return false;
  }
  return true;
}
}  // namespace

void RequestDispatcher::note_for_log(Request& request, const http1::RequestHead& head, std::string_view bytes) {
  request.log.method.assign(text_of(bytes, head.method));
  request.log.target.assign(text_of(bytes, head.target));
  request.log.vars = 2 * (kBasicVars + static_cast<uint32_t>(head.fields.size()));
  request.log.vars_bytes = packet_bytes(head, request.log.target);
  for (const std::string& key : context_.access_log.wanted_fields()) {
    std::string& value = request.log.fields.emplace_back();
    for (const http1::HeaderField& field : head.fields) {
      if (is_environ_key(text_of(bytes, field.name), key)) value.assign(text_of(bytes, field.value));
    }
  }
  context_.access_log.note_forwarded(request);
}

/// uWSGI counts names and values, and the bytes of the whole block.
void RequestDispatcher::note_for_log(Request& request, const uwsgi::RequestHead& head, std::string_view bytes) {
  proto::EnvironBlock target;
  uwsgi::append_target(head, bytes.data(), target);
  request.log.method.assign(text_of(bytes, head.method));
  request.log.target = std::move(target.text);
  request.log.protocol.assign(text_of(bytes, head.protocol));
  request.log.user.assign(text_of(bytes, head.remote_user));
  request.log.has_remote = head.has_remote;
  request.log.remote.assign(text_of(bytes, head.remote_addr));
  request.log.remote_port.assign(text_of(bytes, head.remote_port));
  request.log.vars = 2 * static_cast<uint32_t>(head.vars.size());
  request.log.vars_bytes = head.size - uwsgi::kPacketHeaderBytes;
  for (const std::string& key : context_.access_log.wanted_fields()) {
    std::string& value = request.log.fields.emplace_back();
    for (const uwsgi::Var& var : head.vars) {
      if (text_of(bytes, var.key) == key) value.assign(text_of(bytes, var.value));
    }
  }
  context_.access_log.note_forwarded(request);
}

}  // namespace tsuwsgi::server
