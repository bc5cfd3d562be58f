#include "binding/js_constants.h"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/scoreboard.h"
#include "proto/environ_keys.h"
#include "server/records.h"

namespace tsuwsgi::binding {

namespace {

using Entry = std::pair<const char*, uint32_t>;

template <class Enum>
constexpr uint32_t code(Enum value) {
  return static_cast<uint32_t>(value);
}

Napi::Object table(Napi::Env env, std::initializer_list<Entry> entries) {
  Napi::Object out = Napi::Object::New(env);
  for (const Entry& entry : entries) out.Set(entry.first, Napi::Number::New(env, entry.second));
  return out;
}

Napi::Object event_types(Napi::Env env) {
  using server::EventType;
  return table(env, {{"REQUEST", code(EventType::kRequest)},
                     {"BODY", code(EventType::kBody)},
                     {"BODY_END", code(EventType::kBodyEnd)},
                     {"ABORTED", code(EventType::kAborted)},
                     {"WRITABLE", code(EventType::kWritable)},
                     {"PEER", code(EventType::kPeer)}});
}

Napi::Object request_words(Napi::Env env) {
  return table(env, {{"SLOT", server::kRequestSlot},
                     {"GENERATION", server::kRequestGeneration},
                     {"FLAGS", server::kRequestFlags},
                     {"TEMPLATE", server::kRequestTemplate},
                     {"CONNECTION", server::kRequestConnection},
                     {"BODY_LOW", server::kRequestBodyLow},
                     {"BODY_HIGH", server::kRequestBodyHigh},
                     {"BODY_AT", server::kRequestBodyAt},
                     {"TEXT_AT", server::kRequestTextAt},
                     {"TEXT_LENGTH", server::kRequestTextLength},
                     {"PAIRS", server::kRequestPairs},
                     {"METHOD_LENGTH", server::kRequestMethodLength},
                     {"TARGET_LENGTH", server::kRequestTargetLength},
                     {"PATH_LENGTH", server::kRequestPathLength},
                     {"FIRST_PAIR", server::kRequestFirstPair}});
}

Napi::Object request_flags(Napi::Env env) {
  return table(env, {{"HTTP_1_0", server::kFlagHttp10},
                     {"TEMPLATE_HIT", server::kFlagTemplateHit},
                     {"TEMPLATE_DEFINE", server::kFlagTemplateDefine},
                     {"SAME_LINE", server::kFlagSameLine},
                     {"PATH_ENCODED", server::kFlagPathEncoded},
                     {"BODY_SHIFT", server::kFlagBodyShift},
                     {"BODY_MASK", server::kFlagBodyMask},
                     {"UWSGI", server::kFlagUwsgi},
                     {"HTTPS", server::kFlagHttps}});
}

Napi::Object body_kinds(Napi::Env env) {
  using server::BodyKind;
  return table(env, {{"NONE", code(BodyKind::kNone)},
                     {"INLINE", code(BodyKind::kInline)},
                     {"MEMORY", code(BodyKind::kMemory)},
                     {"FILE", code(BodyKind::kFile)},
                     {"STREAM", code(BodyKind::kStream)}});
}

Napi::Object abort_reasons(Napi::Env env) {
  using server::AbortReason;
  return table(env, {{"CLIENT", code(AbortReason::kClient)},
                     {"TIMEOUT", code(AbortReason::kTimeout)},
                     {"SEND_TIMEOUT", code(AbortReason::kSendTimeout)},
                     {"DEADLINE", code(AbortReason::kDeadline)},
                     {"DRAINING", code(AbortReason::kDraining)},
                     {"SHUTDOWN", code(AbortReason::kShutdown)},
                     {"BAD_BODY", code(AbortReason::kBadBody)},
                     {"BODY_TOO_LARGE", code(AbortReason::kBodyTooLarge)}});
}

Napi::Object operations(Napi::Env env) {
  using server::OpType;
  return table(env, {{"RESPOND", code(OpType::kRespond)},
                     {"BEGIN", code(OpType::kBegin)},
                     {"CHUNK", code(OpType::kChunk)},
                     {"END", code(OpType::kEnd)},
                     {"FILE", code(OpType::kFile)},
                     {"ABORT", code(OpType::kAbort)},
                     {"DEFINE_HEAD", code(OpType::kDefineHead)},
                     {"REF", code(OpType::kRef)},
                     {"READ_BODY", code(OpType::kReadBody)},
                     {"DEADLINE", code(OpType::kDeadline)}});
}

Napi::Object operation_words(Napi::Env env) {
  return table(env, {{"SLOT", server::kOpSlot},
                     {"GENERATION", server::kOpGeneration},
                     {"STATUS", server::kOpStatus},
                     {"HEAD", server::kOpHead},
                     {"HEAD_LENGTH", server::kOpHeadLength},
                     {"BODY_LENGTH", server::kOpBodyLength},
                     {"DECLARED_LOW", server::kOpDeclaredLow},
                     {"DECLARED_HIGH", server::kOpDeclaredHigh},
                     {"FIELDS", server::kOpFields},
                     {"DATA", server::kOpData}});
}

/// What src/ipc/scoreboard-layout.ts says of the same memory; a test compares both.
Napi::Object scoreboard_layout(Napi::Env env) {
  using base::InFlightEntry;
  using base::LoopRow;
  using base::WorkerHeader;
  const auto at = [](size_t offset) { return static_cast<uint32_t>(offset); };
  return table(env, {{"headerBytes", at(sizeof(WorkerHeader))},
                     {"cells", WorkerHeader::kCells},
                     {"textAt", at(offsetof(WorkerHeader, text))},
                     {"textBytes", at(WorkerHeader::kTextBytes)},
                     {"loopBytes", at(sizeof(LoopRow))},
                     {"counters", at(base::kLoopCounters)},
                     {"takenAt", at(offsetof(LoopRow, taken))},
                     {"latenciesAt", at(offsetof(LoopRow, latencies))},
                     {"latencyBytes", at(sizeof(base::LatencyHistogram))},
                     {"buckets", base::LatencyHistogram::kBuckets},
                     {"inFlightAt", at(offsetof(LoopRow, in_flight))},
                     {"inFlightBytes", at(sizeof(InFlightEntry))},
                     {"inFlightEntries", LoopRow::kInFlightEntries},
                     {"versionAt", at(offsetof(InFlightEntry, version))},
                     {"stateAt", at(offsetof(InFlightEntry, state))},
                     {"handleAt", at(offsetof(InFlightEntry, handle))},
                     {"generationAt", at(offsetof(InFlightEntry, generation))},
                     {"sequenceAt", at(offsetof(InFlightEntry, sequence))},
                     {"startedAt", at(offsetof(InFlightEntry, started_us))},
                     {"deadlineAt", at(offsetof(InFlightEntry, deadline_us))},
                     {"methodLengthAt", at(offsetof(InFlightEntry, method_length))},
                     {"uriLengthAt", at(offsetof(InFlightEntry, uri_length))},
                     {"methodAt", at(offsetof(InFlightEntry, method))},
                     {"methodBytes", at(InFlightEntry::kMethodBytes)},
                     {"uriAt", at(offsetof(InFlightEntry, uri))},
                     {"uriBytes", at(InFlightEntry::kUriBytes)}});
}

/// Where in a loop's part each of its figures stands, in words.
Napi::Object scoreboard_counters(Napi::Env env) {
  using base::LoopCounters;
  const auto at = [](size_t offset) { return static_cast<uint32_t>(offset / sizeof(base::BoardCell)); };
  const uint32_t answers = at(offsetof(LoopCounters, answers));
  return table(env, {{"REQUESTS", at(offsetof(LoopCounters, requests))},
                     {"IN_FLIGHT", at(offsetof(LoopCounters, in_flight))},
                     {"HANDED_OVER", at(offsetof(LoopCounters, handed_over))},
                     {"BYTES_IN", at(offsetof(LoopCounters, bytes_in))},
                     {"BYTES_OUT", at(offsetof(LoopCounters, bytes_out))},
                     {"CONNECTIONS", at(offsetof(LoopCounters, connections))},
                     {"IDLE", at(offsetof(LoopCounters, idle))},
                     {"ACCEPTED", at(offsetof(LoopCounters, accepted))},
                     {"RUNNING_MICROS", at(offsetof(LoopCounters, running_us))},
                     {"KERNEL_MICROS", at(offsetof(LoopCounters, kernel_us))},
                     {"WAITING_MICROS", at(offsetof(LoopCounters, waiting_us))},
                     {"JAVASCRIPT_MICROS", at(offsetof(LoopCounters, javascript_us))},
                     {"WRITING_MICROS", at(offsetof(LoopCounters, writing_us))},
                     {"UNTABLED", at(offsetof(LoopCounters, untabled))},
                     {"LAST_TURN", at(offsetof(LoopCounters, last_turn_us))},
                     {"DRAINING", at(offsetof(LoopCounters, draining))},
                     {"ANSWERS_1XX", answers},
                     {"ANSWERS_2XX", answers + 1},
                     {"ANSWERS_3XX", answers + 2},
                     {"ANSWERS_4XX", answers + 3},
                     {"ANSWERS_5XX", answers + 4},
                     {"REJECTED", at(offsetof(LoopCounters, rejected))},
                     {"BAD_REQUESTS", at(offsetof(LoopCounters, bad_requests))},
                     {"TIMEOUTS", at(offsetof(LoopCounters, timeouts))},
                     {"ABORTED", at(offsetof(LoopCounters, aborted))},
                     {"STALE_WRITES", at(offsetof(LoopCounters, stale_writes))},
                     {"ACCEPT_PAUSES", at(offsetof(LoopCounters, accept_pauses))},
                     {"GIVEN", at(offsetof(LoopCounters, given))},
                     {"TAKEN", at(offsetof(LoopCounters, taken))},
                     {"LOG_DROPPED", at(offsetof(LoopCounters, log_dropped))},
                     {"LOG_WAITING", at(offsetof(LoopCounters, log_waiting))}});
}

}  // namespace

Napi::Object make_constants(Napi::Env env) {
  Napi::Object out = table(env, {{"inboxBytes", server::kInboxBytes},
                                 {"outboxBytes", server::kOutboxBytes},
                                 {"maxTemplates", server::kMaxTemplates},
                                 {"maxHeads", server::kMaxHeads},
                                 {"highWaterBytes", server::kHighWaterBytes},
                                 {"allLoops", server::kAllLoops}});
  out.Set("event", event_types(env));
  out.Set("requestWord", request_words(env));
  out.Set("requestFlag", request_flags(env));
  out.Set("bodyKind", body_kinds(env));
  out.Set("abortReason", abort_reasons(env));
  out.Set("op", operations(env));
  out.Set("opWord", operation_words(env));
  out.Set("scoreboard", scoreboard_layout(env));
  out.Set("scoreboardCounter", scoreboard_counters(env));
  out.Set("opFlag", table(env, {{"HAS_DATE", server::kOpHasDate}, {"CLOSE", server::kOpClose}}));
  return out;
}

Napi::Array make_environ_keys(Napi::Env env) {
  Napi::Array keys = Napi::Array::New(env, proto::environ_key_count());
  for (uint16_t id = 0; id < proto::environ_key_count(); ++id) {
    keys.Set(id, Napi::String::New(env, std::string(proto::environ_key(id))));
  }
  return keys;
}

}  // namespace tsuwsgi::binding
