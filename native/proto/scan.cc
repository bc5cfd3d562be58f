#include "proto/scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include <cstdint>

namespace tsuwsgi::proto {
namespace {

template <CharClass wanted>
const char* skip_portable(const char* p, const char* end) {
  while (end - p >= 4) {
    if (!in_class(p[0], wanted)) return p;
    if (!in_class(p[1], wanted)) return p + 1;
    if (!in_class(p[2], wanted)) return p + 2;
    if (!in_class(p[3], wanted)) return p + 3;
    p += 4;
  }
  return skip_class(p, end, wanted);
}

// A token byte is found with two table look-ups of 16 entries each: the row of the low nibble holds one bit per high
// nibble 0 … 7.
struct NibbleRows {
  alignas(16) uint8_t row[16];
};

constexpr NibbleRows make_token_rows() {
  NibbleRows rows{};
  for (unsigned c = 0; c < 128; ++c) {
    if ((detail::classes_of(c) & kToken) == 0) continue;
    rows.row[c & 15] = static_cast<uint8_t>(rows.row[c & 15] | (1u << (c >> 4)));
  }
  return rows;
}

[[maybe_unused]] constexpr NibbleRows kTokenRows = make_token_rows();
[[maybe_unused]] alignas(16) constexpr uint8_t kHighBits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0};

// Every vector scan has the same frame: whole blocks, then one block that overlaps what is known to be good, and the
// table for less than a block. `BadMask` gives one bit (or group of bits) per byte that is outside the set.

#if defined(__x86_64__)

#define TSUWSGI_SSE __attribute__((target("sse4.2")))
#define TSUWSGI_AVX2 __attribute__((target("avx2")))

inline __m128i load128(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

struct SseValue {
  static constexpr CharClass kClass = kValue;
  TSUWSGI_SSE static unsigned bad(__m128i x) {
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1f)), x);
    const __m128i tab = _mm_cmpeq_epi8(x, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, control), del)));
  }
};

struct SseTarget {
  static constexpr CharClass kClass = kTarget;
  TSUWSGI_SSE static unsigned bad(__m128i x) {
    const __m128i visible = _mm_cmpgt_epi8(x, _mm_set1_epi8(0x20));  // signed: bytes over 0x7f are below
    const __m128i del = _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f));
    const __m128i hash = _mm_cmpeq_epi8(x, _mm_set1_epi8('#'));
    const __m128i good = _mm_andnot_si128(_mm_or_si128(del, hash), visible);
    return static_cast<unsigned>(_mm_movemask_epi8(good)) ^ 0xffffu;
  }
};

struct SseToken {
  static constexpr CharClass kClass = kToken;
  TSUWSGI_SSE static unsigned bad(__m128i x) {
    const __m128i low = _mm_and_si128(x, _mm_set1_epi8(0x0f));
    const __m128i high = _mm_and_si128(_mm_srli_epi16(x, 4), _mm_set1_epi8(0x0f));
    const __m128i rows = _mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(kTokenRows.row)), low);
    const __m128i bits = _mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(kHighBits)), high);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(rows, bits), _mm_setzero_si128())));
  }
};

template <typename Set>
TSUWSGI_SSE const char* skip_sse(const char* p, const char* end) {
  if (end - p < 16) return skip_portable<Set::kClass>(p, end);
  for (; end - p >= 16; p += 16) {
    const unsigned bad = Set::bad(load128(p));
    if (bad != 0) return p + __builtin_ctz(bad);
  }
  if (p == end) return end;
  const unsigned bad = Set::bad(load128(end - 16));
  return bad == 0 ? end : end - 16 + __builtin_ctz(bad);
}

struct AvxValue {
  using Narrow = SseValue;
  TSUWSGI_AVX2 static unsigned bad(__m256i x) {
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(x, _mm256_set1_epi8(0x1f)), x);
    const __m256i tab = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\t'));
    const __m256i del = _mm256_cmpeq_epi8(x, _mm256_set1_epi8(0x7f));
    return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_or_si256(_mm256_andnot_si256(tab, control), del)));
  }
};

struct AvxTarget {
  using Narrow = SseTarget;
  TSUWSGI_AVX2 static unsigned bad(__m256i x) {
    const __m256i visible = _mm256_cmpgt_epi8(x, _mm256_set1_epi8(0x20));
    const __m256i del = _mm256_cmpeq_epi8(x, _mm256_set1_epi8(0x7f));
    const __m256i hash = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('#'));
    return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_andnot_si256(_mm256_or_si256(del, hash), visible)));
  }
};

struct AvxToken {
  using Narrow = SseToken;
  TSUWSGI_AVX2 static unsigned bad(__m256i x) {
    const __m256i nibble = _mm256_set1_epi8(0x0f);
    const __m256i rows = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(kTokenRows.row)));
    const __m256i bits = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(kHighBits)));
    const __m256i row = _mm256_shuffle_epi8(rows, _mm256_and_si256(x, nibble));
    const __m256i bit = _mm256_shuffle_epi8(bits, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble));
    return static_cast<unsigned>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256())));
  }
};

template <typename Set>
TSUWSGI_AVX2 const char* skip_avx2(const char* p, const char* end) {
  if (end - p < 32) return skip_sse<typename Set::Narrow>(p, end);
  for (; end - p >= 32; p += 32) {
    const unsigned bad = Set::bad(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    if (bad != 0) return p + __builtin_ctz(bad);
  }
  if (p == end) return end;
  const unsigned bad = Set::bad(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(end - 32)));
  return bad == 0 ? end : end - 32 + __builtin_ctz(bad);
}

#elif defined(__aarch64__)

// Four bits per byte: NEON has no movemask, the narrowing shift is the cheapest stand-in.
inline uint64_t narrow_mask(uint8x16_t bad) {
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(bad), 4)), 0);
}

struct NeonValue {
  static constexpr CharClass kClass = kValue;
  static uint8x16_t bad(uint8x16_t x) {
    const uint8x16_t control = vcltq_u8(x, vdupq_n_u8(0x20));
    const uint8x16_t tab = vceqq_u8(x, vdupq_n_u8('\t'));
    return vorrq_u8(vbicq_u8(control, tab), vceqq_u8(x, vdupq_n_u8(0x7f)));
  }
};

struct NeonTarget {
  static constexpr CharClass kClass = kTarget;
  static uint8x16_t bad(uint8x16_t x) {
    const uint8x16_t outside = vorrq_u8(vcltq_u8(x, vdupq_n_u8(0x21)), vcgtq_u8(x, vdupq_n_u8(0x7e)));
    return vorrq_u8(outside, vceqq_u8(x, vdupq_n_u8('#')));
  }
};

struct NeonToken {
  static constexpr CharClass kClass = kToken;
  static uint8x16_t bad(uint8x16_t x) {
    const uint8x16_t rows = vqtbl1q_u8(vld1q_u8(kTokenRows.row), vandq_u8(x, vdupq_n_u8(0x0f)));
    const uint8x16_t bits = vqtbl1q_u8(vld1q_u8(kHighBits), vshrq_n_u8(x, 4));
    return vceqzq_u8(vandq_u8(rows, bits));
  }
};

template <typename Set>
const char* first_bad(const char* p, const char* none) {
  const uint64_t mask = narrow_mask(Set::bad(vld1q_u8(reinterpret_cast<const uint8_t*>(p))));
  return mask == 0 ? none : p + (__builtin_ctzll(mask) >> 2);
}

template <typename Set>
const char* skip_neon(const char* p, const char* end) {
  if (end - p < 16) return skip_portable<Set::kClass>(p, end);
  for (; end - p >= 16; p += 16) {
    const char* bad = first_bad<Set>(p, nullptr);
    if (bad != nullptr) return bad;
  }
  return p == end ? end : first_bad<Set>(end - 16, end);
}

#endif

constexpr ScanVariant kVariants[] = {
    {"portable", skip_portable<kValue>, skip_portable<kTarget>, skip_portable<kToken>},
#if defined(__x86_64__)
    {"sse4.2", skip_sse<SseValue>, skip_sse<SseTarget>, skip_sse<SseToken>},
    {"avx2", skip_avx2<AvxValue>, skip_avx2<AvxTarget>, skip_avx2<AvxToken>},
#elif defined(__aarch64__)
    {"neon", skip_neon<NeonValue>, skip_neon<NeonTarget>, skip_neon<NeonToken>},
#endif
};

size_t count_variants() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return 3;
  return __builtin_cpu_supports("sse4.2") ? 2 : 1;
#else
  return sizeof(kVariants) / sizeof(kVariants[0]);
#endif
}

}  // namespace

const ScanVariant* scan_variants(size_t& count) {
  count = count_variants();
  return kVariants;
}

const ScanVariant best_scan = kVariants[count_variants() - 1];

}  // namespace tsuwsgi::proto
