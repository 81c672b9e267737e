import { LinePart } from "./line-part.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (value: number) => (value < 10 ? `0${value}` : String(value));

/** RFC 3339 in UTC with milliseconds. */
export function isoTimestamp(time: number): string {
  return new Date(time).toISOString();
}

/** A text of the present second, made once in that second. */
export class SecondText {
  part = new LinePart("");
  readonly #make: (date: Date) => string;
  #from = -1000;

  constructor(make: (date: Date) => string) {
    this.#make = make;
  }

  /** Sees to it that `part` is of that time. @returns how many milliseconds it is into its second */
  at(time: number): number {
    const into = time - this.#from;
    if (into >= 0 && into < 1000) return into;
    this.#from = time - (time % 1000);
    this.part = new LinePart(this.#make(new Date(this.#from)));
    return time - this.#from;
  }
}

/** The Common Log Format's `21/Nov/2026:06:05:28 +0000`. */
export function clfTimestamp(date: Date): string {
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two);
  return `${day}:${clock.join(":")} +0000`;
}

/** Local time of day, for people. */
export function clockTimestamp(time: number): string {
  const date = new Date(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
