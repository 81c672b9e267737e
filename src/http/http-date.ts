/** `Sun, 06 Nov 1994 08:49:37 GMT`: the form that is sent (RFC 9110 5.6.7). @param ms since the epoch */
export function formatHttpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const IMF =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC850 =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const ASCTIME =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

/**
 * Reads an HTTP-date in any of the three forms a recipient must take (RFC 9110 5.6.7).
 * @param now for the century of two-digit years: one more than 50 years ahead is in the past
 * @returns milliseconds since the epoch, or undefined when it is no valid HTTP-date
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  let found = IMF.exec(text);
  if (found !== null) {
    const [, day, month, year, hour, minute, second] = found as string[];
    return toTime(Number(year), month, day, hour, minute, second);
  }
  found = RFC850.exec(text);
  if (found !== null) {
    const [, day, month, year, hour, minute, second] = found as string[];
    const thisYear = new Date(now).getUTCFullYear();
    let full = thisYear - (thisYear % 100) + Number(year);
    if (full > thisYear + 50) full -= 100;
    return toTime(full, month, day, hour, minute, second);
  }
  found = ASCTIME.exec(text);
  if (found === null) return undefined;
  const [, month, day, hour, minute, second, year] = found as string[];
  return toTime(Number(year), month, day, hour, minute, second);
}

function toTime(
  year: number,
  monthName: string | undefined,
  dayText: string | undefined,
  hourText: string | undefined,
  minuteText: string | undefined,
  secondText: string | undefined,
): number | undefined {
  const month = MONTHS.indexOf(monthName as string) / 3;
  const day = Number(dayText);
  const hour = Number(hourText);
  const minute = Number(minuteText);
  const second = Number(secondText);
  // A leap second (60) is valid and stands for the next minute's first.
  if (!Number.isInteger(month) || month < 0 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const time = Date.UTC(year, month, day, hour, minute, second);
  // 31 February would have rolled over.
  const whole = new Date(Date.UTC(year, month, day));
  return whole.getUTCDate() === day && whole.getUTCMonth() === month ? time : undefined;
}
