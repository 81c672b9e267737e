import { dlopen, ptr } from "bun:ffi";

const SYMBOLS = {
  clock_gettime: { args: ["int", "ptr"], returns: "int" },
  gettid: { args: [], returns: "int" },
} as const;

/** glibc, musl by architecture. */
const NAMES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];
/** Of a clock's number: that it counts one thread, and what it counts (clock_getcpuclockid in glibc). */
const PER_THREAD = 4;
const SCHEDULED = 2;

type Libc = ReturnType<typeof dlopen<typeof SYMBOLS>>["symbols"];
let loaded: Libc | undefined;
const time = new Int32Array(4);

function libc(): Libc | undefined {
  if (loaded !== undefined || process.platform !== "linux") return loaded;
  for (const name of NAMES) {
    try {
      return (loaded = dlopen(name, SYMBOLS).symbols);
    } catch {
      // The next one, or none: then threads have no clocks here.
    }
  }
  return undefined;
}

/**
 * The number of the clock that counts how long this thread has had a processor. Any thread of the process can read
 * it. @returns 0 where there is none
 */
export function ownThreadClock(): number {
  const found = libc();
  return found === undefined ? 0 : (~found.gettid() << 3) | PER_THREAD | SCHEDULED;
}

/** The number of the clock that counts how long all threads of a process have had a processor. */
export function processClock(pid: number): number {
  return (~pid << 3) | SCHEDULED;
}

/** What such a clock shows, in milliseconds; NaN when its thread or process is gone. A microsecond's work. */
export function readThreadClock(clock: number): number {
  if (libc()?.clock_gettime(clock, ptr(time)) !== 0) return Number.NaN;
  // struct timespec: two words of 64 bits, seconds and nanoseconds; the seconds fit into 32 for 68 years.
  return (time[0] as number) * 1000 + (time[2] as number) / 1e6;
}
