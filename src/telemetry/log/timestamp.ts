const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

let isoSecond = -1;
let isoText = "";
let clfSecond = -1;
let clfText = "";

const two = (value: number) => (value < 10 ? `0${value}` : String(value));

/** `000` to `999`: looked up for every line, where making such a text costs more than the rest of a number. */
export const THREE_DIGITS: readonly string[] = Array.from({ length: 1000 }, (_, value) =>
  String(value).padStart(3, "0"),
);

/** RFC 3339 in UTC with milliseconds; all but those are made once a second. */
export function isoTimestamp(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== isoSecond) {
    isoSecond = second;
    isoText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  return `${isoText}${THREE_DIGITS[time - second * 1000]}Z`;
}

/** The Common Log Format's `21/Nov/2026:06:05:28 +0000`. */
export function clfTimestamp(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== clfSecond) {
    clfSecond = second;
    const date = new Date(second * 1000);
    const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
    const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two);
    clfText = `${day}:${clock.join(":")} +0000`;
  }
  return clfText;
}

/** Local time of day, for people. */
export function clockTimestamp(time: number): string {
  const date = new Date(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${clock}.${THREE_DIGITS[date.getMilliseconds()]}`;
}
