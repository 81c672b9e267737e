import type { Guest } from "../abi.ts";
import type { GuestMemory } from "../guest-memory.ts";
import { descriptorImports } from "./descriptor-imports.ts";
import { Errno } from "./errno.ts";
import { ExitSignal } from "./exit-signal.ts";
import { pathImports } from "./path-imports.ts";
import type { WasiProcess } from "./wasi-process.ts";

type Imports = Record<string, (...args: never[]) => unknown>;

/** Most subscriptions of one `poll_oneoff`: each is some work of the host. */
const MAX_SUBSCRIPTIONS = 64;
const CLOCKS = { realtime: 0, monotonic: 1, threadCpu: 3 } as const;

/** All of WASI preview 1. What would change something outside of the guest says that it may not. */
export function wasiImports(guest: Guest, memory: GuestMemory, process: WasiProcess): Imports {
  return {
    ...descriptorImports(guest, memory, process),
    ...pathImports(guest, memory, process),
    args_sizes_get: (count: number, size: number) => writeSizes(memory, process.args, count, size),
    args_get: (list: number, buf: number) => writeStrings(memory, process.args, list, buf),
    environ_sizes_get: (count: number, size: number) =>
      writeSizes(memory, process.env, count, size),
    environ_get: (list: number, buf: number) => writeStrings(memory, process.env, list, buf),

    clock_res_get(clock: number, result: number) {
      if (clock >>> 0 > CLOCKS.threadCpu) return Errno.inval;
      // What the host tells is no finer than this, so that a guest cannot time others.
      memory.range(result, 8);
      memory.view.setBigUint64(
        result >>> 0,
        clock === CLOCKS.realtime ? 1_000_000n : 100_000n,
        true,
      );
      return Errno.success;
    },
    clock_time_get(clock: number, _precision: bigint, result: number) {
      if (clock >>> 0 > CLOCKS.threadCpu) return Errno.inval;
      memory.range(result, 8);
      memory.view.setBigUint64(result >>> 0, timeOf(guest, clock), true);
      return Errno.success;
    },
    random_get(buf: number, length: number) {
      guest.host.random(memory.range(buf, length));
      return Errno.success;
    },
    sched_yield: () => Errno.success,
    proc_exit(code: number) {
      throw new ExitSignal(code);
    },
    proc_raise: () => Errno.notsup,
    poll_oneoff: (input: number, output: number, count: number, result: number) =>
      poll(memory, input, output, count >>> 0, result),
    sock_accept: () => Errno.notcapable,
    sock_recv: () => Errno.notcapable,
    sock_send: () => Errno.notcapable,
    sock_shutdown: () => Errno.notcapable,
  };
}

function timeOf(guest: Guest, clock: number): bigint {
  if (clock === CLOCKS.realtime) return BigInt(guest.host.now()) * 1_000_000n;
  return BigInt(Math.round(guest.host.monotonic() * 10)) * 100_000n;
}

const encoder = new TextEncoder();

function writeSizes(
  memory: GuestMemory,
  strings: readonly string[],
  count: number,
  size: number,
): number {
  memory.range(count, 4);
  memory.range(size, 4);
  const bytes = strings.reduce((sum, text) => sum + encoder.encode(text).byteLength + 1, 0);
  memory.view.setUint32(count >>> 0, strings.length, true);
  memory.view.setUint32(size >>> 0, bytes, true);
  return Errno.success;
}

function writeStrings(
  memory: GuestMemory,
  strings: readonly string[],
  list: number,
  buf: number,
): number {
  let at = buf >>> 0;
  memory.range(list, strings.length * 4);
  for (const [index, text] of strings.entries()) {
    const bytes = encoder.encode(`${text}\0`);
    memory.range(at, bytes.byteLength).set(bytes);
    memory.view.setUint32((list >>> 0) + index * 4, at, true);
    at += bytes.byteLength;
  }
  return Errno.success;
}

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;

/**
 * Everything that is waited for has happened at once: input is there, output is taken, and time that a guest
 * would sleep is not spent, because others could use its thread.
 */
function poll(
  memory: GuestMemory,
  input: number,
  output: number,
  count: number,
  result: number,
): number {
  if (count === 0 || count > MAX_SUBSCRIPTIONS) return Errno.inval;
  memory.range(input, count * SUBSCRIPTION_BYTES);
  memory.range(result, 4);
  memory.range(output, count * EVENT_BYTES);
  const { view } = memory;
  for (let i = 0; i < count; i++) {
    const subscription = (input >>> 0) + i * SUBSCRIPTION_BYTES;
    const event = (output >>> 0) + i * EVENT_BYTES;
    const userData = view.getBigUint64(subscription, true);
    const type = view.getUint8(subscription + 8);
    memory.range(event, EVENT_BYTES).fill(0);
    view.setBigUint64(event, userData, true);
    view.setUint16(event + 8, type > 2 ? Errno.inval : Errno.success, true);
    view.setUint8(event + 10, type);
  }
  view.setUint32(result >>> 0, count, true);
  return Errno.success;
}
