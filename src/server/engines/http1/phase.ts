/** What a connection is doing. */
export const enum Phase {
  /** Between requests. */
  Idle,
  /** A head has begun and is not complete. */
  Head,
  /** A request is being answered. */
  Busy,
  /** Answered; its unread content is passing by. */
  Discarding,
  /** Our side has ended. */
  Lingering,
  /** Another protocol has it. */
  Taken,
  Closed,
}
