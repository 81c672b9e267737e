/** Something in the life of a server that an operator should see. */
export interface LifecycleEvent {
  readonly level: "info" | "warn" | "error";
  /** Stable, such as `reloaded`, `reload_failed`, `worker_died`. */
  readonly event: string;
  /** For people. May have several lines. */
  readonly message: string;
}

export type Report = (event: LifecycleEvent) => void;

/** What an error says, for a report. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
