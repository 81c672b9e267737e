import type { Probe } from "./health-checker.ts";

/** Connects, and is content when that works. @param connect opens a connection to the backend */
export function tcpProbe(connect: (signal: AbortSignal) => Promise<{ destroy(): void }>): Probe {
  return async (signal) => {
    const connection = await connect(signal);
    connection.destroy();
  };
}
