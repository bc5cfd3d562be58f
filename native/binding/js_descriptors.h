#pragma once

#include <napi.h>

namespace tsuwsgi::binding {

/// What Node's own modules cannot do with descriptors. Each throws a system error where the kernel refuses.

/// `(from, onto)`: `onto` refers to the file of `from` from now on (dup2), and stays open in child processes.
void JS_DuplicateOnto(const Napi::CallbackInfo& info);
/// `(path)`: a descriptor that sends a datagram to this UNIX socket with every write.
Napi::Value JS_ConnectDatagram(const Napi::CallbackInfo& info);
/// `(name)`: a stream to whoever listens under this abstract name.
Napi::Value JS_ConnectAbstract(const Napi::CallbackInfo& info);
/// `()`: the two ends of a channel for descriptors (net/descriptor_channel.h), as `sender` and `receiver`.
Napi::Value JS_MakeDescriptorChannel(const Napi::CallbackInfo& info);
/// `(path, mode)`: makes a named pipe; the umask does not count.
void JS_MakeFifo(const Napi::CallbackInfo& info);
/// `(bytes)`: a descriptor of zeroed memory.
Napi::Value JS_CreateSharedMemory(const Napi::CallbackInfo& info);
/// `(fd, bytes)`: an ArrayBuffer over that memory.
Napi::Value JS_MapSharedMemory(const Napi::CallbackInfo& info);

}  // namespace tsuwsgi::binding
