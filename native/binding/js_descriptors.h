#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

/// What Node's own modules cannot do with descriptors. Each throws a system error where the kernel refuses.

/// `(from, onto)`: `onto` refers to the file of `from` from now on (dup2), and stays open in child processes.
void JS_DuplicateOnto(const Napi::CallbackInfo& info);
/// `(path)`: a descriptor that sends a datagram to this UNIX socket with every write.
Napi::Value JS_ConnectDatagram(const Napi::CallbackInfo& info);
/// `(bytes)`: a descriptor of zeroed memory.
Napi::Value JS_CreateSharedMemory(const Napi::CallbackInfo& info);
/// `(fd, bytes)`: an ArrayBuffer over that memory.
Napi::Value JS_MapSharedMemory(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
