/** Marks a process as a worker; its value is the worker's number. */
export const WORKER_VARIABLE = "SLUICE_WORKER";

/** Whether this process was started by a supervisor. */
export function isWorker(env: Readonly<Record<string, string | undefined>>): boolean {
  return env[WORKER_VARIABLE] !== undefined && process.send !== undefined;
}
