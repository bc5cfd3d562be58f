#include "proto/uwsgi/request_head.h"

namespace tsuwsgi::uwsgi {
namespace {

struct ModifierName {
  uint8_t modifier1;
  const char* name;
};

constexpr ModifierName kNames[] = {
    {0, "WSGI"},
    {5, "PSGI"},
    {6, "Lua"},
    {7, "Rack"},
    {8, "JVM"},
    {9, "CGI"},
    {11, "Go"},
    {14, "PHP"},
    {15, "Mono"},
    {17, "spooler"},
    {18, "symbol call"},
    {19, "SSI"},
    {22, "code evaluation"},
    {23, "XSLT"},
    {24, "V8"},
    {25, "GridFS"},
    {26, "fast function"},
    {27, "GlusterFS"},
    {28, "RADOS"},
    {30, "WSGI that strips SCRIPT_NAME from PATH_INFO"},
    {31, "message with a string"},
    {32, "message with an array"},
    {33, "message with marshalled data"},
    {35, "WebDAV"},
    {73, "multicast announcement"},
    {74, "multicast"},
    {100, "ping"},
    {101, "echo"},
    {110, "uwsgi signal"},
    {111, "cache"},
    {123, "raw body of a router"},
    {173, "RPC"},
    {224, "subscription"},
    {250, "example plugin"},
    {255, "generic reply"},
    // What the first letter of a method reads as: an HTTP client that was sent to a uwsgi socket.
    {'C', "an HTTP request?"},
    {'D', "an HTTP request?"},
    {'G', "an HTTP request?"},
    {'H', "an HTTP request?"},
    {'O', "an HTTP request?"},
    {'P', "an HTTP request?"},
    {'T', "an HTTP request?"},
};

}  // namespace

const char* modifier_name(uint8_t modifier1) {
  for (const ModifierName& entry : kNames) {
    if (entry.modifier1 == modifier1) return entry.name;
  }
  return "";
}

}  // namespace tsuwsgi::uwsgi
