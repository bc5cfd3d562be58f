#include "binding/js_accounts.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace tsuwsgi::binding {

namespace {

/// Groups with thousands of members need more than the usual kilobyte.
constexpr size_t kMostBytes = 1 << 22;

/// `call` is getpwnam_r or getgrnam_r. False: there is no such entry, or it cannot be looked up.
template <class Entry, class Call>
bool find(Call call, const std::string& name, Entry& entry, std::vector<char>& memory) {
  Entry* found = nullptr;
  int error = ERANGE;
  for (size_t size = 1024; error == ERANGE && size <= kMostBytes; size *= 4) {
    memory.resize(size);
    error = call(name.c_str(), &entry, memory.data(), memory.size(), &found);
  }
  return error == 0 && found != nullptr;
}

}  // namespace

Napi::Value JS_FindUser(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  passwd entry{};
  std::vector<char> memory;
  if (!find(::getpwnam_r, info[0].As<Napi::String>().Utf8Value(), entry, memory)) return env.Undefined();
  Napi::Object out = Napi::Object::New(env);
  out.Set("uid", Napi::Number::New(env, entry.pw_uid));
  out.Set("gid", Napi::Number::New(env, entry.pw_gid));
  return out;
}

Napi::Value JS_FindGroup(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  group entry{};
  std::vector<char> memory;
  if (!find(::getgrnam_r, info[0].As<Napi::String>().Utf8Value(), entry, memory)) return env.Undefined();
  return Napi::Number::New(env, entry.gr_gid);
}

}  // namespace tsuwsgi::binding
