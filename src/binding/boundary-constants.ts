/** What the addon says of the records that cross the boundary, and of the memory that others read. */
export interface BoundaryConstants {
  readonly inboxBytes: number;
  readonly outboxBytes: number;
  readonly maxTemplates: number;
  readonly maxHeads: number;
  /** The core acknowledges each response's output in steps of at least this much (WRITABLE). */
  readonly highWaterBytes: number;
  /** Loop index of operations that concern every loop (DEFINE_HEAD), in the upper 8 bits of the slot word. */
  readonly allLoops: number;
  readonly event: {
    readonly REQUEST: number;
    readonly BODY: number;
    readonly BODY_END: number;
    readonly ABORTED: number;
    readonly WRITABLE: number;
    readonly PEER: number;
  };
  readonly requestWord: Readonly<
    Record<
      | 'SLOT'
      | 'GENERATION'
      | 'FLAGS'
      | 'TEMPLATE'
      | 'CONNECTION'
      | 'BODY_LOW'
      | 'BODY_HIGH'
      | 'BODY_AT'
      | 'TEXT_AT'
      | 'TEXT_LENGTH'
      | 'PAIRS'
      | 'METHOD_LENGTH'
      | 'TARGET_LENGTH'
      | 'PATH_LENGTH'
      | 'FIRST_PAIR',
      number
    >
  >;
  readonly requestFlag: Readonly<
    Record<
      | 'HTTP_1_0'
      | 'TEMPLATE_HIT'
      | 'TEMPLATE_DEFINE'
      | 'SAME_LINE'
      | 'PATH_ENCODED'
      | 'BODY_SHIFT'
      | 'BODY_MASK'
      | 'UWSGI'
      | 'HTTPS',
      number
    >
  >;
  readonly bodyKind: Readonly<Record<'NONE' | 'INLINE' | 'MEMORY' | 'FILE' | 'STREAM', number>>;
  readonly abortReason: Readonly<
    Record<
      | 'CLIENT'
      | 'TIMEOUT'
      | 'SEND_TIMEOUT'
      | 'DEADLINE'
      | 'DRAINING'
      | 'SHUTDOWN'
      | 'BAD_BODY'
      | 'BODY_TOO_LARGE',
      number
    >
  >;
  readonly op: Readonly<
    Record<
      | 'RESPOND'
      | 'BEGIN'
      | 'CHUNK'
      | 'END'
      | 'FILE'
      | 'ABORT'
      | 'DEFINE_HEAD'
      | 'REF'
      | 'READ_BODY'
      | 'DEADLINE',
      number
    >
  >;
  readonly opWord: Readonly<
    Record<
      | 'SLOT'
      | 'GENERATION'
      | 'STATUS'
      | 'HEAD'
      | 'HEAD_LENGTH'
      | 'BODY_LENGTH'
      | 'DECLARED_LOW'
      | 'DECLARED_HIGH'
      | 'FIELDS'
      | 'DATA',
      number
    >
  >;
  readonly opFlag: Readonly<Record<'HAS_DATE' | 'CLOSE', number>>;
  /** Where things stand in the scoreboard, by native/base/scoreboard.h. */
  readonly scoreboard: Readonly<Record<string, number>>;
  readonly scoreboardCounter: Readonly<Record<string, number>>;
}
