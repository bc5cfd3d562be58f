#include "native/harness.h"

#include <cstdio>
#include <utility>
#include <vector>

namespace tsuwsgi::test {
namespace {

struct Case {
  std::string name;
  Body body;
};

// Cases register themselves during static initialisation, so the list must exist whenever the first one asks for it.
std::vector<Case>& cases() {
  static std::vector<Case> list;
  return list;
}

std::vector<std::string>& contexts() {
  static std::vector<std::string> stack;
  return stack;
}

struct Running {
  const Case* current = nullptr;
  size_t failures = 0;
};

Running& running() {
  static Running state;
  return state;
}

constexpr size_t kShownFailures = 5;

bool is_wanted(const std::string& name, int argc, char** argv) {
  if (argc <= 1) return true;
  for (int i = 1; i < argc; ++i) {
    if (name.find(argv[i]) != std::string::npos) return true;
  }
  return false;
}

bool passes(const Case& one) {
  running().current = &one;
  running().failures = 0;
  one.body();
  return running().failures == 0;
}

}  // namespace

bool add_case(std::string name, Body body) {
  cases().push_back({std::move(name), std::move(body)});
  return true;
}

void fail(const char* file, int line, const std::string& message) {
  if (++running().failures > kShownFailures) return;
  std::printf("FAIL %s:%d: [%s] %s\n", file, line, running().current->name.c_str(), message.c_str());
  for (const std::string& context : contexts()) std::printf("     with %s\n", context.c_str());
}

Context::Context(std::string text) { contexts().push_back(std::move(text)); }

Context::~Context() { contexts().pop_back(); }

std::string show(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    char escaped[8];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      text += c;
      continue;
    }
    std::snprintf(escaped, sizeof escaped, c == '\r' ? "\\r" : c == '\n' ? "\\n" : "\\x%02x", unsigned{byte});
    text += escaped;
  }
  return text;
}

static int run_all(int argc, char** argv) {
  size_t passed = 0;
  size_t failed = 0;
  for (const Case& one : cases()) {
    if (!is_wanted(one.name, argc, argv)) continue;
    ++(passes(one) ? passed : failed);
  }
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace tsuwsgi::test

int main(int argc, char** argv) { return tsuwsgi::test::run_all(argc, argv); }
