/** Codes of RFC 6455 7.4.1 and of the IANA registry, by what they mean. */
export const CloseCode = {
  normal: 1000,
  /** The server goes down, or the page is left. */
  goingAway: 1001,
  /** The peer broke the protocol. */
  protocolError: 1002,
  /** A kind of data that is not taken here. */
  unsupportedData: 1003,
  /** Never sent: the close frame had no code. */
  noStatus: 1005,
  /** Never sent: the connection ended without a close frame. */
  abnormal: 1006,
  /** Data that is not what it says: bytes that are not UTF-8, JSON that does not fit its schema. */
  invalidData: 1007,
  policyViolation: 1008,
  tooBig: 1009,
  /** An extension that the client needs was not agreed on. */
  extensionMissing: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  /** The server is too busy, or the client too slow. */
  tryAgainLater: 1013,
} as const;

/** Whether a code may stand in a close frame (RFC 6455 7.4): defined and not reserved for local use. */
export function maySendCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
