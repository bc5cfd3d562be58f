#pragma once

#include <napi.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/held_body.h"
#include "server/record_queue.h"
#include "server/shared_state.h"

namespace tsuwsgi::binding {

/// The JavaScript thread's side of the boundary: inbox and outbox, memory lent in either direction, and the one call
/// into JavaScript. Every method belongs to the JavaScript thread.
class Exchange {
 public:
  /// Receives operations for one loop (or kAllLoops).
  using Forward = std::function<void(uint32_t loop, const uint8_t* operations, size_t size)>;

  Exchange(Napi::Env env, const Napi::Object& callbacks, server::SharedState& shared, uint32_t loops, Forward forward);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Adds event records to the inbox; calls JavaScript whenever it is full.
  void add(uint8_t* records, size_t size);
  /// Calls JavaScript with what is in the inbox.
  void dispatch();
  /// The requests in the inbox from `at` on begin only now: those before them in the batch took their time.
  void begin_later(size_t at);
  /// Hands `outbox[0, size)` to the loops. False: the records are malformed (nothing of them was used).
  bool flush(size_t size);

  uint32_t retain(const Napi::Uint8Array& bytes);
  Napi::Value take_body(Napi::Env env, uint32_t slot, uint32_t generation);
  void drop_lent();

  Napi::Value inbox() const { return inbox_.Value().As<Napi::Value>(); }
  Napi::Value outbox() const { return outbox_.Value().As<Napi::Value>(); }
  /// From now on JavaScript is not called: the core has stopped, or the environment ends.
  void close();

 private:
  struct Body {
    uint32_t generation = 0;
    std::unique_ptr<server::HeldBody> held;
  };

  void add_one(uint8_t* record, size_t size);
  void begin_request(uint32_t handle);
  void internal_event(const uint8_t* record);
  void log_event(const uint8_t* record);
  void emit(std::initializer_list<std::pair<const char*, std::string_view>> fields);
  void report_failure();
  bool prepare_operation(uint8_t* record);
  void drop_body(uint32_t slot, uint32_t generation);
  static bool valid_operations(const uint8_t* records, size_t size);

  napi_env env_;
  Napi::ObjectReference callbacks_;
  Napi::FunctionReference dispatch_;
  Napi::FunctionReference event_;
  Napi::AsyncContext context_;
  Napi::Reference<Napi::ArrayBuffer> inbox_;
  Napi::Reference<Napi::ArrayBuffer> outbox_;
  uint8_t* inbox_bytes_;
  uint8_t* outbox_bytes_;
  size_t filled_ = 0;
  size_t dispatching_ = 0;  ///< bytes of the inbox that JavaScript works on
  int64_t batch_us_ = 0;    ///< when what is in the inbox began to be filled in; 0: no request is there
  server::SharedState& shared_;
  Forward forward_;
  std::unordered_map<uint32_t, Body> bodies_;  ///< by slot, until taken (of an aborted request too) or answered
  struct Lent {
    Napi::Reference<Napi::Uint8Array> bytes;
    bool sent = false;  ///< a REF operation has used it: it ends with that one
  };
  std::unordered_map<uint32_t, Lent> lent_;  ///< by id, until released
  uint32_t next_lent_ = 1;
  uint32_t undrained_loops_;
  uint32_t polling_loops_;
  bool closed_ = false;
};

}  // namespace tsuwsgi::binding
