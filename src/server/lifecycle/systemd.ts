import { sendUnixDatagram } from "../../runtime/libc.ts";
import type { SocketName } from "./sockets.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The first descriptor that is passed, SD_LISTEN_FDS_START. */
const FIRST = 3;
const NAMES: readonly SocketName[] = ["server", "redirect", "admin"];

/**
 * The sockets a service manager opened for this process (sd_listen_fds(3)), by `FileDescriptorName=`; those
 * without a known name are `server`, `redirect` and `admin` in this order.
 * @throws when there are more than that, or two of one name
 */
export function activatedSockets(env: Environment, pid: number): ReadonlyMap<SocketName, number> {
  const sockets = new Map<SocketName, number>();
  // For another process: a variable that was handed on.
  if (Number(env["LISTEN_PID"]) !== pid) return sockets;
  const count = Number(env["LISTEN_FDS"] ?? 0);
  if (!Number.isInteger(count) || count < 0) return sockets;
  const given = (env["LISTEN_FDNAMES"] ?? "").split(":");
  const unnamed: number[] = [];
  for (let index = 0; index < count; index++) {
    const name = NAMES.find((known) => known === given[index]);
    if (name === undefined) unnamed.push(FIRST + index);
    else if (sockets.has(name)) {
      throw new Error(`the service manager passed two sockets named ${name}; pass one`);
    } else sockets.set(name, FIRST + index);
  }
  for (const fd of unnamed) {
    const name = NAMES.find((candidate) => !sockets.has(candidate));
    if (name === undefined) {
      throw new Error(
        `the service manager passed ${count} sockets; at most ${NAMES.length} have a use: ${NAMES.join(", ")}`,
      );
    }
    sockets.set(name, fd);
  }
  return sockets;
}

/** Variables that are for this process alone. */
export const systemdVariables = [
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
] as const;

/** Tells a service manager what becomes of this process (sd_notify(3)). */
export interface Notifier {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  /** Ends the watchdog's signs of life. */
  stop(): void;
}

/** Speaks to `NOTIFY_SOCKET`, or to nobody where there is none. Never throws: serving matters more. */
export function createNotifier(env: Environment, pid: number): Notifier {
  const path = env["NOTIFY_SOCKET"];
  const send = (text: string): void => {
    if (path === undefined || path === "") return;
    try {
      sendUnixDatagram(path, text);
    } catch {
      // No C library to ask: the service manager waits in vain, as it does for any program that is silent.
    }
  };
  const watchdog = watchdogInterval(env, pid);
  let timer: ReturnType<typeof setInterval> | undefined;
  // It counts from READY on; before, signs of life would only fill the manager's queue, which holds ten.
  const startWatchdog = (): void => {
    if (path === undefined || watchdog === undefined || timer !== undefined) return;
    timer = setInterval(() => send("WATCHDOG=1"), watchdog);
    timer.unref();
  };
  return {
    ready(status) {
      send(`READY=1\nSTATUS=${status.replaceAll("\n", " ")}`);
      startWatchdog();
    },
    reloading: () => send(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicroseconds()}`),
    stopping: () => send("STOPPING=1"),
    stop: () => clearInterval(timer),
  };
}

/** Half of what is allowed, in milliseconds. */
function watchdogInterval(env: Environment, pid: number): number | undefined {
  const micros = Number(env["WATCHDOG_USEC"]);
  if (!(micros > 0)) return undefined;
  const owner = env["WATCHDOG_PID"];
  return owner === undefined || Number(owner) === pid ? Math.max(micros / 2000, 10) : undefined;
}

/** CLOCK_MONOTONIC, which `Type=notify-reload` compares with its own. */
function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n;
}
