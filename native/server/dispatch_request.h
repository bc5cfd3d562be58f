#pragma once

#include <string_view>

#include "proto/environ.h"
#include "proto/http1/request_head.h"
#include "proto/uwsgi/request_head.h"
#include "server/loop_context.h"

namespace tsuwsgi::server {

/// Turns parsed heads into REQUEST events and hands them over once the body is there. Belongs to one loop.
class RequestDispatcher {
 public:
  explicit RequestDispatcher(LoopContext& context) : context_(context) {}

  /// What the head cache said about a head.
  struct CacheAnswer {
    const CachedHead* entry = nullptr;
    bool fresh = false;  ///< define the template
    bool same_line = false;
  };

  /// Too many wait for JavaScript already (pool mode: it is busy or blocked).
  bool over_pending_limit() const;
  /// The same for a request whose body has not come: nobody waits for it where it would go to JavaScript piece by
  /// piece, or where the rest may come too late.
  bool rejects_unread_bodies() const;

  /// Every record has to fit the inbox as a whole: a head near a --buffer-size of half a megabyte and more may not.
  static bool fits_inbox(const http1::RequestHead& head);

  /// A request without a body, complete with its head: its event joins the queue.
  void dispatch_bodyless(Request& request, const http1::RequestHead& head, std::string_view bytes,
                         const CacheAnswer& cache);
  void dispatch_bodyless(Request& request, const uwsgi::RequestHead& head, std::string_view bytes);
  /// Keeps the event until `dispatch_with_body`.
  void prepare(Request& request, const http1::RequestHead& head, std::string_view bytes);
  void prepare(Request& request, const uwsgi::RequestHead& head, std::string_view bytes);
  /// The body is complete (memory, spool file) or will be streamed.
  void dispatch_with_body(Request& request, uint64_t streamed_length);

  /// Fills the request log's facts (only while the log is on).
  void note_for_log(Request& request, const http1::RequestHead& head, std::string_view bytes);
  void note_for_log(Request& request, const uwsgi::RequestHead& head, std::string_view bytes);

 private:
  void announce(Connection& connection);
  void build_block(const http1::RequestHead& head, std::string_view bytes);
  void build_block(const uwsgi::RequestHead& head, std::string_view bytes);
  void append_block_record(Request& request, uint32_t flags, const CacheAnswer& cache);
  void keep_block_record(Request& request, uint32_t flags);
  void append_template_record(Request& request, const http1::RequestHead& head, std::string_view bytes,
                              const CacheAnswer& cache);
  void put_common(uint8_t* record, const Request& request, uint32_t flags);
  void put_body(uint8_t* record, Request& request, uint64_t streamed_length);
  void enter_block(Request& request);
  void hand_over(Request& request);

  LoopContext& context_;
  proto::EnvironBlock block_;
  uint32_t method_length_ = 0;
  uint32_t target_length_ = 0;
  uint32_t path_length_ = 0;
};

}  // namespace tsuwsgi::server
