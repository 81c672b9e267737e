/** RFC 6455 5.2. Everything else is reserved. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** RFC 6455 5.5: what a control frame can carry at most. */
export const MAX_CONTROL_BYTES = 125;
