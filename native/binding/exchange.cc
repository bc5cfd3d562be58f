#include "binding/exchange.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "server/record_resources.h"
#include "server/records.h"

namespace tsuwsgi::binding {

namespace {

using server::EventType;
using server::OpType;
using server::record_size;
using server::record_type;
using server::RecordQueue;
using server::word_at;

Napi::ArrayBuffer make_memory(Napi::Env env, size_t size) { return Napi::ArrayBuffer::New(env, size); }

/// Does the operation end its request, so that an untaken body has no reader any more?
bool ends_request(OpType type) { return type == OpType::kRespond || type == OpType::kEnd || type == OpType::kAbort; }

constexpr size_t kOperationBytes = size_t{server::kOpData} * server::kWordBytes;

/// Where the record's own content ends, by what its words say.
size_t content_end(const uint8_t* record) {
  switch (static_cast<OpType>(record_type(record))) {
    case OpType::kRef:
    case OpType::kReadBody:
      return kOperationBytes;
    case OpType::kFile:
      return kOperationBytes + 2 * server::kWordBytes;
    default:
      return kOperationBytes + size_t{word_at(record, server::kOpHeadLength)} +
             size_t{word_at(record, server::kOpBodyLength)};
  }
}

}  // namespace

Exchange::Exchange(Napi::Env env, const Napi::Object& callbacks, server::SharedState& shared, uint32_t loops,
                   Forward forward)
    : env_(env),
      callbacks_(Napi::Persistent(callbacks)),
      dispatch_(Napi::Persistent(callbacks.Get("dispatch").As<Napi::Function>())),
      event_(Napi::Persistent(callbacks.Get("event").As<Napi::Function>())),
      context_(env, "TSUWSGI"),
      inbox_(Napi::Persistent(make_memory(env, server::kInboxBytes))),
      outbox_(Napi::Persistent(make_memory(env, server::kOutboxBytes))),
      inbox_bytes_(static_cast<uint8_t*>(inbox_.Value().Data())),
      outbox_bytes_(static_cast<uint8_t*>(outbox_.Value().Data())),
      shared_(shared),
      forward_(std::move(forward)),
      undrained_loops_(loops),
      polling_loops_(loops) {}

Exchange::~Exchange() = default;

void Exchange::add(uint8_t* records, size_t size) {
  for (size_t at = 0; at < size;) {
    const size_t length = record_size(records + at);
    add_one(records + at, length);
    at += length;
  }
}

void Exchange::add_one(uint8_t* record, size_t size) {
  if (record_type(record) >= static_cast<uint8_t>(EventType::kFirstInternal)) return internal_event(record);
  if (closed_) return server::release_event_resources(record, size);
  if (filled_ + size > server::kInboxBytes) {
    dispatch();
    TSUWSGI_CHECK(filled_ + size <= server::kInboxBytes);
  }
  if (record_type(record) == static_cast<uint8_t>(EventType::kRequest)) {
    shared_.subtract_pending();
    begin_request(word_at(record, server::kRequestSlot));
    if (std::unique_ptr<server::HeldBody> body = server::take_body_memory(record)) {
      bodies_[word_at(record, server::kRequestSlot)] = {word_at(record, server::kRequestGeneration), std::move(body)};
    }
  }
  std::memcpy(inbox_bytes_ + filled_, record, size);
  filled_ += size;
}

/// JavaScript gets the whole batch at once, so its requests begin together.
void Exchange::begin_request(uint32_t handle) {
  if (shared_.progress.empty()) return;
  if (batch_us_ == 0) batch_us_ = base::monotonic_us();
  shared_.begin_request(handle, batch_us_);
}

void Exchange::begin_later(size_t at) {
  if (shared_.progress.empty()) return;
  const int64_t now_us = base::monotonic_us();
  while (at < dispatching_) {
    const uint8_t* record = inbox_bytes_ + at;
    if (record_type(record) == static_cast<uint8_t>(EventType::kRequest)) {
      shared_.begin_later(word_at(record, server::kRequestSlot), now_us);
    }
    at += std::max<size_t>(server::kWordBytes, record_size(record));
  }
}

void Exchange::dispatch() {
  batch_us_ = 0;
  const size_t size = std::exchange(filled_, 0);
  dispatching_ = size;
  if (size == 0 || closed_) return;
  const Napi::HandleScope scope(env_);
  napi_value argument = nullptr;
  napi_value result = nullptr;
  napi_create_uint32(env_, static_cast<uint32_t>(size), &argument);
  napi_callback_scope turn = nullptr;
  napi_open_callback_scope(env_, callbacks_.Value(), context_, &turn);
  if (napi_call_function(env_, callbacks_.Value(), dispatch_.Value(), 1, &argument, &result) == napi_ok) {
    uint32_t written = 0;
    napi_get_value_uint32(env_, result, &written);
    // Before the scope closes: then promises and ticks run, and they write to the outbox from its start again.
    flush(written);
  } else {
    report_failure();
  }
  dispatching_ = 0;
  napi_close_callback_scope(env_, turn);
}

bool Exchange::valid_operations(const uint8_t* records, size_t size) {
  if (size > server::kOutboxBytes) return false;
  for (size_t at = 0; at < size;) {
    if (size - at < kOperationBytes) return false;
    const size_t length = record_size(records + at);
    if (length % 8 != 0 || length > size - at || content_end(records + at) > length) return false;
    at += length;
  }
  return true;
}

bool Exchange::prepare_operation(uint8_t* record) {
  const auto type = static_cast<OpType>(record_type(record));
  if (type == OpType::kRef) {
    const auto found = lent_.find(word_at(record, server::kOpHead));
    if (found == lent_.end() || found->second.sent) return false;
    found->second.sent = true;
    const Napi::HandleScope scope(env_);
    const Napi::Uint8Array bytes = found->second.bytes.Value();
    const uint64_t address = reinterpret_cast<uintptr_t>(bytes.Data());
    RecordQueue::put(record, server::kOpBodyLength, static_cast<uint32_t>(bytes.ByteLength()));
    RecordQueue::put(record, server::kOpDeclaredLow, static_cast<uint32_t>(address));
    RecordQueue::put(record, server::kOpDeclaredHigh, static_cast<uint32_t>(address >> 32));
  }
  if (!bodies_.empty() && ends_request(type))
    drop_body(word_at(record, server::kOpSlot), word_at(record, server::kOpGeneration));
  return true;
}

/// A late answer to a request that is gone must not take the body of the one that has its slot now.
void Exchange::drop_body(uint32_t slot, uint32_t generation) {
  const auto found = bodies_.find(slot);
  if (found != bodies_.end() && found->second.generation == generation) bodies_.erase(found);
}

bool Exchange::flush(size_t size) {
  if (size == 0) return true;
  if (!valid_operations(outbox_bytes_, size)) return false;
  size_t run_start = 0;
  uint32_t run_loop = word_at(outbox_bytes_, server::kOpSlot) >> server::kLoopShift;
  const auto forward_run = [&](size_t end) {
    if (end > run_start) forward_(run_loop, outbox_bytes_ + run_start, end - run_start);
    run_start = end;
  };
  for (size_t at = 0; at < size;) {
    uint8_t* record = outbox_bytes_ + at;
    const size_t length = record_size(record);
    const uint32_t loop = word_at(record, server::kOpSlot) >> server::kLoopShift;
    if (loop != run_loop) forward_run(at);
    run_loop = loop;
    if (!prepare_operation(record)) {
      forward_run(at);
      run_start = at + length;  // an unknown id: the operation is left out
    }
    at += length;
  }
  forward_run(size);
  return true;
}

uint32_t Exchange::retain(const Napi::Uint8Array& bytes) {
  const uint32_t id = next_lent_++;
  lent_[id].bytes = Napi::Persistent(bytes);
  return id;
}

Napi::Value Exchange::take_body(Napi::Env env, uint32_t slot, uint32_t generation) {
  const auto found = bodies_.find(slot);
  if (found == bodies_.end() || found->second.generation != generation) return env.Undefined();
  auto* bytes = new std::string(found->second.held->take());
  bodies_.erase(found);
  return Napi::Buffer<char>::NewOrCopy(
      env, bytes->data(), bytes->size(), [](Napi::BasicEnv, char*, std::string* owner) { delete owner; }, bytes);
}

void Exchange::close() {
  closed_ = true;
  server::release_event_resources(inbox_bytes_, std::exchange(filled_, 0));
}

void Exchange::drop_lent() {
  lent_.clear();
  bodies_.clear();
}

void Exchange::internal_event(const uint8_t* record) {
  switch (static_cast<EventType>(record_type(record))) {
    case EventType::kReleased:
      lent_.erase(word_at(record, 1));
      return;
    case EventType::kLog:
      return log_event(record);
    case EventType::kDrained:
      if (undrained_loops_ > 0 && --undrained_loops_ == 0) emit({{"type", "drained"}});
      return;
    case EventType::kQueuesLeft:
      if (polling_loops_ > 0 && --polling_loops_ == 0) emit({{"type", "queues-left"}});
      return;
    default:
      return;
  }
}

void Exchange::log_event(const uint8_t* record) {
  static constexpr const char* kLevels[] = {"info", "warn", "error"};
  const std::string_view level = kLevels[word_at(record, 1) % 3];
  const std::string_view message(reinterpret_cast<const char*>(record) + server::kLogWords * server::kWordBytes,
                                 word_at(record, 2));
  const std::string_view reason(message.data() + message.size(), word_at(record, 3));
  const std::string time = std::to_string(uint64_t{word_at(record, 6)} << 32 | word_at(record, 5));
  if (reason.empty()) return emit({{"type", "log"}, {"level", level}, {"message", message}, {"time", time}});
  const std::string status = std::to_string(word_at(record, 4));
  emit({{"type", "refused"},
        {"level", level},
        {"message", message},
        {"time", time},
        {"reason", reason},
        {"status", status}});
}

/// With the plain C calls: while an environment is being terminated each of them may fail, and that must not become an
/// exception.
void Exchange::emit(std::initializer_list<std::pair<const char*, std::string_view>> fields) {
  if (closed_) return;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value event = nullptr;
  bool whole = napi_create_object(env_, &event) == napi_ok;
  for (const auto& [name, text] : fields) {
    napi_value value = nullptr;
    whole = whole && napi_create_string_utf8(env_, text.data(), text.size(), &value) == napi_ok &&
            napi_set_named_property(env_, event, name, value) == napi_ok;
  }
  napi_value result = nullptr;
  if (whole && napi_make_callback(env_, context_, callbacks_.Value(), event_.Value(), 1, &event, &result) != napi_ok) {
    report_failure();
  }
  napi_close_handle_scope(env_, scope);
}

void Exchange::report_failure() {
  bool pending = false;
  napi_is_exception_pending(env_, &pending);
  napi_value error = nullptr;
  if (pending && napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
    napi_fatal_exception(env_, error);
  } else {
    closed_ = true;
  }
}

}  // namespace tsuwsgi::binding
