import type { SandboxBound } from "../errors.ts";

/** How a running guest is held to its time. */
export interface Supervision {
  /** The memory a guest imports to see that it shall stop. */
  readonly cell: WebAssembly.Memory;
  /**
   * A call begins.
   * @param cpuMs how long the guest may run
   * @param deadline when the call must be over, on the clock of {@link now}
   * @returns false when that is past: nothing begins then
   */
  begin(cpuMs: number, deadline: number): boolean;
  /** The guest waits for its host, which takes none of its running time. */
  pause(): void;
  resume(): void;
  /** Whether the running call was told to stop. */
  stopped(): boolean;
  /** The call is over. @returns the bound that was hit if it was told to stop */
  end(): Extract<SandboxBound, "cpuTimeout" | "callTimeout"> | undefined;
  /** How long the guest of the last call ran, in milliseconds. */
  readonly ranMs: number;
  /** Milliseconds, on a clock that all threads of the sandbox share. */
  now(): number;
}
