/** What must still write when the process ends by itself, by an error or by `process.exit`. */
export interface LastWriter {
  /** Another thread writes for it, as far as it knows. */
  readonly underWay: boolean;
  writeNow(): void;
}

/** Long enough for a write under way on another thread, which nothing can wait for any more. */
const UNDER_WAY_MS = 20;

const writers = new Set<LastWriter>();

/** One listener for all of them, as each server of a process has logs of its own. */
export const atExit = {
  add(writer: LastWriter): void {
    if (writers.size === 0) process.on("exit", writeAll);
    writers.add(writer);
  },
  delete(writer: LastWriter): void {
    if (writers.delete(writer) && writers.size === 0) process.off("exit", writeAll);
  },
};

function writeAll(): void {
  if ([...writers].some(({ underWay }) => underWay)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, UNDER_WAY_MS);
  }
  for (const writer of writers) {
    try {
      writer.writeNow();
    } catch {
      // Nobody is left to tell.
    }
  }
}
