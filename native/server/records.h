#pragma once

#include <cstdint>

/// Layout of the records that cross the boundary (docs/boundary.md). The addon exports these numbers; JavaScript has no
/// copy of them.
namespace tsuwsgi::server {

inline constexpr uint32_t kWordBytes = 4;
inline constexpr uint32_t kTypeShift = 24;
inline constexpr uint32_t kSizeMask = 0x00FFFFFF;
inline constexpr uint32_t kLoopShift = 24;
inline constexpr uint32_t kSlotMask = 0x00FFFFFF;
/// Operations for this loop index go to every loop.
inline constexpr uint32_t kAllLoops = 0xFF;

inline constexpr uint32_t kInboxBytes = 512 * 1024;
inline constexpr uint32_t kOutboxBytes = 512 * 1024;
inline constexpr uint32_t kMaxTemplates = 4096;  ///< ids are global: loop × kTemplatesPerLoop + index + 1
inline constexpr uint32_t kTemplatesPerLoop = 128;
inline constexpr uint32_t kMaxHeads = 256;
/// Bodies up to this size travel inside the REQUEST record.
inline constexpr uint32_t kInlineBodyBytes = 4096;
/// A response's output is acknowledged by WRITABLE each time this much was taken and has drained to the low-water mark.
inline constexpr uint32_t kHighWaterBytes = 64 * 1024;
inline constexpr uint32_t kLowWaterBytes = 16 * 1024;

enum class EventType : uint8_t {
  kRequest = 1,
  kBody = 2,
  kBodyEnd = 3,
  kAborted = 4,
  kWritable = 5,
  kPeer = 6,
  // From here on for the binding, never seen by JavaScript.
  kFirstInternal = 200,
  kReleased = 200,  ///< word 1: a retained buffer's id
  kLog = 201,  ///< words 1 to 6: level, length of the text, of the reason, status (0: none), milliseconds since the
               ///< epoch, low and high half; then text and reason
  kDrained = 202,
  kQueuesLeft = 203,  ///< the loop polls no queue any more
};

/// Before the texts of a kLog record.
inline constexpr uint32_t kLogWords = 7;

enum RequestWord : uint32_t {
  kRequestSlot = 1,
  kRequestGeneration,
  kRequestFlags,
  kRequestTemplate,
  kRequestConnection,
  kRequestBodyLow,
  kRequestBodyHigh,
  kRequestBodyAt,  ///< INLINE: offset in the record; FILE: descriptor; MEMORY: low half of a pointer, cleared by the
                   ///< binding
  kRequestTextAt,
  kRequestTextLength,
  kRequestPairs,
  kRequestMethodLength,
  kRequestTargetLength,
  kRequestPathLength,
  kRequestBodyPointerHigh,  ///< MEMORY: high half; only the binding sees it
  kRequestFirstPair = 16,
  kRequestWords = kRequestFirstPair,  ///< words before the pairs, padded to 8 bytes
};
inline constexpr uint32_t kPairWords = 4;

enum RequestFlag : uint32_t {
  kFlagHttp10 = 1u << 0,
  kFlagTemplateHit = 1u << 1,
  kFlagTemplateDefine = 1u << 2,
  kFlagSameLine = 1u << 3,
  kFlagPathEncoded = 1u << 4,
  kFlagBodyShift = 5,
  kFlagBodyMask = 7u << 5,
  kFlagUwsgi = 1u << 8,  ///< the pairs are a packet's variables: what they say comes before what the connection says
  kFlagHttps = 1u << 9,  ///< wsgi.url_scheme
};

enum class BodyKind : uint32_t { kNone = 0, kInline = 1, kMemory = 2, kFile = 3, kStream = 4 };

enum class AbortReason : uint32_t {
  kNone = 0,
  kClient = 1,       ///< the peer is gone
  kTimeout = 2,      ///< the body did not arrive in time
  kSendTimeout = 3,  ///< the peer does not read
  kDeadline = 4,
  kDraining = 5,
  kShutdown = 6,
  kBadBody = 7,
  kBodyTooLarge = 8,
};

enum class OpType : uint8_t {
  kRespond = 1,
  kBegin = 2,
  kChunk = 3,
  kEnd = 4,
  kFile = 5,
  kAbort = 6,
  kDefineHead = 7,
  kRef = 8,
  kReadBody = 9,
  kDeadline = 10,
};

enum OpWord : uint32_t {
  kOpSlot = 1,
  kOpGeneration,
  kOpStatus,  ///< flags << 16 | status
  kOpHead,
  kOpHeadLength,
  kOpBodyLength,
  kOpDeclaredLow,
  kOpDeclaredHigh,
  kOpFields,
  kOpData,
};
inline constexpr uint64_t kUndeclared = ~uint64_t{0};

enum OpFlag : uint32_t {
  kOpHasDate = 1u << 0,
  kOpClose = 1u << 1,
};

}  // namespace tsuwsgi::server
