#include "binding/js_output.h"

#include <memory>
#include <string_view>

#include "net/output_descriptor.h"

namespace tsuwsgi::binding {

namespace {

Napi::Value write_lines(net::OutputDescriptor& output, const Napi::CallbackInfo& info) {
  const auto lines = info[0].As<Napi::Uint8Array>();
  const net::OutputDescriptor::Taken taken =
      output.write_lines({reinterpret_cast<const char*>(lines.Data()), lines.ByteLength()});
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("bytes", Napi::Number::New(info.Env(), static_cast<double>(taken.bytes)));
  result.Set("error", Napi::Number::New(info.Env(), taken.error));
  return result;
}

}  // namespace

Napi::Value JS_OpenOutput(const Napi::CallbackInfo& info) {
  auto output = std::make_shared<net::OutputDescriptor>(info[0].As<Napi::Number>().Int32Value());
  return Napi::Function::New(
      info.Env(), [output](const Napi::CallbackInfo& call) { return write_lines(*output, call); }, "writeLines");
}

}  // namespace tsuwsgi::binding
