import { parseHttpDate } from "../../http/http-date.ts";

/**
 * How long a `Retry-After` asks to wait (RFC 9110 10.2.3): seconds or a date. In milliseconds; undefined when it
 * says nothing that can be read.
 *
 * @param epochMs the time now, as `Date.now()` has it
 */
export function retryAfterMs(value: string | undefined, epochMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const at = parseHttpDate(value);
  return at === undefined ? undefined : Math.max(0, at - epochMs);
}
