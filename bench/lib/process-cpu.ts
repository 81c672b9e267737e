import { readdirSync, readFileSync } from "node:fs";

/** Of /proc: a hundredth of a second, on every Linux there is (`getconf CLK_TCK`). */
const TICK_US = 10_000;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** CPU time of its own and of children that have ended. */
  readonly cpuMicros: number;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in parentheses may hold anything; fields are counted after it (proc(5)).
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return { pid, parent: Number(fields[1]), cpuMicros: ticks * TICK_US };
  } catch {
    return undefined;
  }
}

/** A process and all that come from it. */
function processTree(root: number): ProcessStat[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined);
  const tree = all.filter(({ pid }) => pid === root);
  for (let i = 0; i < tree.length; i++) {
    tree.push(...all.filter(({ parent }) => parent === tree[i]!.pid));
  }
  return tree;
}

/** Microseconds of CPU that all processes of a server have used, user and system. */
export function cpuMicros(root: number): number {
  return processTree(root).reduce((sum, { cpuMicros: micros }) => sum + micros, 0);
}

/** Resident memory of all processes of a server, in bytes. */
export function residentBytes(root: number): number {
  let sum = 0;
  for (const { pid } of processTree(root)) {
    try {
      const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
      sum += Number(kib ?? 0) * 1024;
    } catch {
      // It has just ended.
    }
  }
  return sum;
}
