#pragma once

#include <cstdint>
#include <string_view>

#include "proto/environ_keys.h"

namespace tsuwsgi::proto {

/// Every environ key that has an id. The order is free, except that what the HTTP parser itself obeys comes first, so
/// that one comparison tells whether a field matters to it. Ids never leave the process: nothing stores them.
inline constexpr std::string_view kEnvironKeys[] = {
    // Fields that the HTTP parser obeys.
    "CONTENT_LENGTH",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_HOST",
    "HTTP_CONNECTION",
    "HTTP_EXPECT",
    "HTTP_UPGRADE",
    // Fields of requests, RFC 9110 and the registries of IANA and of browsers.
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_CHARSET",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS",
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD",
    "HTTP_ALT_USED",
    "HTTP_AUTHORIZATION",
    "HTTP_CACHE_CONTROL",
    "HTTP_CDN_LOOP",
    "HTTP_CF_CONNECTING_IP",
    "HTTP_CF_IPCOUNTRY",
    "HTTP_CF_RAY",
    "HTTP_CF_VISITOR",
    "HTTP_CONTENT_DISPOSITION",
    "HTTP_CONTENT_ENCODING",
    "HTTP_CONTENT_LANGUAGE",
    "HTTP_CONTENT_LOCATION",
    "HTTP_CONTENT_MD5",
    "HTTP_CONTENT_RANGE",
    "HTTP_COOKIE",
    "HTTP_DATE",
    "HTTP_DEPTH",
    "HTTP_DESTINATION",
    "HTTP_DNT",
    "HTTP_DPR",
    "HTTP_EARLY_DATA",
    "HTTP_FORWARDED",
    "HTTP_FROM",
    "HTTP_IDEMPOTENCY_KEY",
    "HTTP_IF",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_RANGE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_KEEP_ALIVE",
    "HTTP_LAST_EVENT_ID",
    "HTTP_MAX_FORWARDS",
    "HTTP_ORIGIN",
    "HTTP_OVERWRITE",
    "HTTP_PRAGMA",
    "HTTP_PREFER",
    "HTTP_PRIORITY",
    "HTTP_PROXY_AUTHORIZATION",
    "HTTP_PURPOSE",
    "HTTP_RANGE",
    "HTTP_REFERER",
    "HTTP_SAVE_DATA",
    "HTTP_SEC_CH_UA",
    "HTTP_SEC_CH_UA_ARCH",
    "HTTP_SEC_CH_UA_FULL_VERSION_LIST",
    "HTTP_SEC_CH_UA_MOBILE",
    "HTTP_SEC_CH_UA_MODEL",
    "HTTP_SEC_CH_UA_PLATFORM",
    "HTTP_SEC_CH_UA_PLATFORM_VERSION",
    "HTTP_SEC_FETCH_DEST",
    "HTTP_SEC_FETCH_MODE",
    "HTTP_SEC_FETCH_SITE",
    "HTTP_SEC_FETCH_USER",
    "HTTP_SEC_GPC",
    "HTTP_SEC_PURPOSE",
    "HTTP_SEC_WEBSOCKET_EXTENSIONS",
    "HTTP_SEC_WEBSOCKET_KEY",
    "HTTP_SEC_WEBSOCKET_PROTOCOL",
    "HTTP_SEC_WEBSOCKET_VERSION",
    "HTTP_SOAPACTION",
    "HTTP_TE",
    "HTTP_TRACEPARENT",
    "HTTP_TRACESTATE",
    "HTTP_TRAILER",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_UPGRADE_INSECURE_REQUESTS",
    "HTTP_USER_AGENT",
    "HTTP_VIA",
    "HTTP_WARNING",
    "HTTP_X_AMZN_TRACE_ID",
    "HTTP_X_API_KEY",
    "HTTP_X_CLIENT_IP",
    "HTTP_X_CORRELATION_ID",
    "HTTP_X_CSRF_TOKEN",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_SERVER",
    "HTTP_X_HTTP_METHOD_OVERRIDE",
    "HTTP_X_REAL_IP",
    "HTTP_X_REQUEST_ID",
    "HTTP_X_REQUESTED_WITH",
    "HTTP_X_XSRF_TOKEN",
    // Variables without a header field: what a front server sends over the uwsgi protocol, and what the gateway adds.
    "AUTH_TYPE",
    "DOCUMENT_ROOT",
    "DOCUMENT_URI",
    "GATEWAY_INTERFACE",
    "HTTPS",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "QUERY_STRING",
    "REDIRECT_STATUS",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_PORT",
    "REMOTE_USER",
    "REQUEST_METHOD",
    "REQUEST_SCHEME",
    "REQUEST_URI",
    "SCRIPT_FILENAME",
    "SCRIPT_NAME",
    "SERVER_ADDR",
    "SERVER_ADMIN",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SIGNATURE",
    "SERVER_SOFTWARE",
    "SSL_CLIENT_CERT",
    "SSL_CLIENT_S_DN",
    "SSL_CLIENT_VERIFY",
    "SSL_PROTOCOL",
    "UWSGI_APPID",
    "UWSGI_CHDIR",
    "UWSGI_FILE",
    "UWSGI_SCHEME",
    "UWSGI_SCRIPT",
};

inline constexpr uint16_t kEnvironKeyCount = sizeof(kEnvironKeys) / sizeof(kEnvironKeys[0]);

/// Id of a key that is in the table; does not compile for others where the result is a constant.
constexpr uint16_t id_of_key(std::string_view key) {
  uint16_t id = 0;
  while (kEnvironKeys[id] != key) ++id;
  return id;
}

inline constexpr uint16_t kKeyContentLength = id_of_key("CONTENT_LENGTH");
inline constexpr uint16_t kKeyTransferEncoding = id_of_key("HTTP_TRANSFER_ENCODING");
inline constexpr uint16_t kKeyContentType = id_of_key("CONTENT_TYPE");
inline constexpr uint16_t kKeyHost = id_of_key("HTTP_HOST");
inline constexpr uint16_t kKeyConnection = id_of_key("HTTP_CONNECTION");
inline constexpr uint16_t kKeyExpect = id_of_key("HTTP_EXPECT");
inline constexpr uint16_t kKeyUpgrade = id_of_key("HTTP_UPGRADE");
inline constexpr uint16_t kKeyCookie = id_of_key("HTTP_COOKIE");

/// Fields up to this id change how the HTTP parser goes on.
inline constexpr uint16_t kLastObeyedKey = kKeyUpgrade;
static_assert(kLastObeyedKey == 5, "the fields that the parser obeys must come first in the table");

}  // namespace tsuwsgi::proto
