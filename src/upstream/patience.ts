/** A backend that sends more informational replies than this means no good. */
export const MAX_INFORMATIONAL = 32;

/** How long content waits for a 100 from a backend that may not know of it (RFC 9110 10.1.1), in milliseconds. */
export const CONTINUE_MS = 1_000;

/** What answers may look like. */
export const answerLimits = { headerBytes: 64 * 1024, headerCount: 200 };
