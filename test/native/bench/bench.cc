// Micro-benchmarks of single parts: prints the median nanoseconds per round, with the range, of several runs.
#include "native/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

namespace tsuwsgi::test {
namespace {

struct Bench {
  std::string name;
  std::function<void(size_t)> body;
};

std::vector<Bench>& benches() {
  static std::vector<Bench> list;
  return list;
}

constexpr int kRuns = 9;
constexpr double kRunSeconds = 0.02;

double seconds_of(const Bench& bench, size_t rounds) {
  const auto start = std::chrono::steady_clock::now();
  bench.body(rounds);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

size_t calibrate(const Bench& bench) {
  size_t rounds = 16;
  while (seconds_of(bench, rounds) < kRunSeconds / 2) rounds *= 2;
  return rounds;
}

void run(const Bench& bench) {
  const size_t rounds = calibrate(bench);
  std::vector<double> nanoseconds;
  for (int i = 0; i < kRuns; ++i) nanoseconds.push_back(seconds_of(bench, rounds) * 1e9 / static_cast<double>(rounds));
  std::sort(nanoseconds.begin(), nanoseconds.end());
  std::printf("%-48s %9.1f ns  (%.1f to %.1f)\n", bench.name.c_str(), nanoseconds[kRuns / 2], nanoseconds.front(),
              nanoseconds.back());
}

}  // namespace

bool add_bench(std::string name, std::function<void(size_t)> body) {
  benches().push_back({std::move(name), std::move(body)});
  return true;
}

static int run_all(const std::string& wanted) {
  for (const Bench& bench : benches()) {
    if (bench.name.find(wanted) != std::string::npos) run(bench);
  }
  return 0;
}

}  // namespace tsuwsgi::test

int main(int argc, char** argv) { return tsuwsgi::test::run_all(argc > 1 ? argv[1] : ""); }
