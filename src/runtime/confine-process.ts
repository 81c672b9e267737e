import { dlopen, ptr } from "bun:ffi";
import { readdirSync } from "node:fs";

const SYMBOLS = {
  setrlimit: { args: ["int", "ptr"], returns: "int" },
  prctl: { args: ["int", "u64", "u64", "u64", "u64"], returns: "int" },
  geteuid: { args: [], returns: "u32" },
  setgroups: { args: ["u64", "ptr"], returns: "int" },
  setgid: { args: ["u32"], returns: "int" },
  setuid: { args: ["u32"], returns: "int" },
} as const;

const RLIMIT = { fsize: 1, core: 4, nofile: 7, memlock: 8, msgqueue: 12 } as const;
const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SIGKILL = 9;
/** By convention, the user and group that own nothing. */
const NOBODY = 65_534;

/**
 * Gives up, for good, what this process does not need to compute: it dies with its parent, gains no privileges, opens
 * no further descriptor, writes no file, locks no memory and leaves no core. One that ran as root becomes nobody.
 * Linux only; elsewhere it does nothing.
 * @throws when the system refuses
 */
export function confineProcess(): void {
  if (process.platform !== "linux") return;
  const { symbols: libc } = dlopen(libraryName(), SYMBOLS);
  const check = (what: string, result: number): void => {
    if (result !== 0) throw new Error(`the process cannot be confined: ${what} failed`);
  };
  const limit = (resource: number, most: number): void => {
    // struct rlimit: the soft and the hard limit.
    const values = new BigUint64Array([BigInt(most), BigInt(most)]);
    check("setrlimit", libc.setrlimit(resource, ptr(values)));
  };
  if (libc.geteuid() === 0) {
    check("setgroups", libc.setgroups(0, null));
    check("setgid", libc.setgid(NOBODY));
    check("setuid", libc.setuid(NOBODY));
  }
  // After the change of user, which clears it (prctl(2)).
  check("prctl", libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
  check("prctl", libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  limit(RLIMIT.core, 0);
  limit(RLIMIT.fsize, 0);
  limit(RLIMIT.memlock, 0);
  limit(RLIMIT.msgqueue, 0);
  limit(RLIMIT.nofile, highestDescriptor() + 1);
}

function libraryName(): string {
  const musl = `/lib/libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  return readdirSync("/lib").includes(musl.slice(5)) ? musl : "libc.so.6";
}

function highestDescriptor(): number {
  return Math.max(...readdirSync("/proc/self/fd").map(Number));
}
