#include <napi.h>

#include "binding/js_accounts.h"
#include "binding/js_constants.h"
#include "binding/js_core.h"
#include "binding/js_descriptors.h"
#include "binding/js_listener.h"
#include "binding/js_lock_table.h"
#include "binding/js_output.h"
#include "binding/js_process.h"
#include "binding/js_queue_watch.h"
#include "binding/js_shared_cache.h"
#include "shared/memory_layout.h"

#ifndef TSUWSGI_VERSION
#error "TSUWSGI_VERSION comes from package.json through binding.gyp"
#endif

namespace {

/// Nothing is kept for the process: every environment (worker_threads) has its own exports and cores.
Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  using namespace tsuwsgi::binding;
  exports.Set("version", TSUWSGI_VERSION);
  exports.Set("constants", make_constants(env));
  exports.Set("environKeys", make_environ_keys(env));
  exports.Set("bindListener", Napi::Function::New<JS_BindListener>(env, "bindListener"));
  exports.Set("bindUnixListener", Napi::Function::New<JS_BindUnixListener>(env, "bindUnixListener"));
  exports.Set("adoptListener", Napi::Function::New<JS_AdoptListener>(env, "adoptListener"));
  exports.Set("closeListener", Napi::Function::New<JS_CloseListener>(env, "closeListener"));
  exports.Set("findUser", Napi::Function::New<JS_FindUser>(env, "findUser"));
  exports.Set("findGroup", Napi::Function::New<JS_FindGroup>(env, "findGroup"));
  exports.Set("endAfterParent", Napi::Function::New<JS_EndAfterParent>(env, "endAfterParent"));
  exports.Set("reapChild", Napi::Function::New<JS_ReapChild>(env, "reapChild"));
  exports.Set("duplicateOnto", Napi::Function::New<JS_DuplicateOnto>(env, "duplicateOnto"));
  exports.Set("connectDatagram", Napi::Function::New<JS_ConnectDatagram>(env, "connectDatagram"));
  exports.Set("connectAbstract", Napi::Function::New<JS_ConnectAbstract>(env, "connectAbstract"));
  exports.Set("makeDescriptorChannel", Napi::Function::New<JS_MakeDescriptorChannel>(env, "makeDescriptorChannel"));
  exports.Set("makeFifo", Napi::Function::New<JS_MakeFifo>(env, "makeFifo"));
  exports.Set("openOutput", Napi::Function::New<JS_OpenOutput>(env, "openOutput"));
  exports.Set("createSharedMemory", Napi::Function::New<JS_CreateSharedMemory>(env, "createSharedMemory"));
  exports.Set("mapSharedMemory", Napi::Function::New<JS_MapSharedMemory>(env, "mapSharedMemory"));
  exports.Set("listenBacklog", Napi::Function::New<JS_ListenBacklog>(env, "listenBacklog"));
  exports.Set("QueueWatch", JsQueueWatch::define(env));
  exports.Set("memoryLayout", tsuwsgi::shared::kMemoryLayout);
  exports.Set("sharedCacheBytes", Napi::Function::New<JS_SharedCacheBytes>(env, "sharedCacheBytes"));
  exports.Set("lockTableBytes", Napi::Function::New<JS_LockTableBytes>(env, "lockTableBytes"));
  exports.Set("SharedCache", JsSharedCache::define(env));
  exports.Set("LockTable", JsLockTable::define(env));
  exports.Set("Core", JsCore::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(tsuwsgi_native, initialize)
