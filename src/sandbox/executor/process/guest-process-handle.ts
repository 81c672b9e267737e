import { programCommand } from "../../../runtime/inner-program.ts";
import { processClock, readThreadClock } from "../../../runtime/thread-clock.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import type { ProcessOrder, ProcessReport } from "./messages.ts";

/** What one report may have beside the output of a guest: its audit and log. */
const REPORT_ROOM = 4 * 1024 * 1024;

/** One process that runs the guests of one sandbox, as the server sees it. */
export class GuestProcessHandle {
  readonly pid: number;
  /** Resolves once it is gone. */
  readonly gone: Promise<string>;
  isGone = false;
  readonly #clock: number;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "ignore">;

  /** @param received told of every report */
  constructor(maxOutput: number, received: (report: ProcessReport) => void) {
    const flags = ["--smol", "--no-install"];
    this.#child = Bun.spawn(programCommand(import.meta.url, "guest-process", flags), {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
      // Nothing of ours: no variables, no folder, and no descriptor but these three.
      env: {},
      cwd: "/",
    });
    this.pid = this.#child.pid;
    this.#clock = processClock(this.pid);
    this.#child.unref();
    this.gone = this.#child.exited.then((code) => {
      this.isGone = true;
      return String(this.#child.signalCode ?? `exit code ${code}`);
    });
    void this.#read(new FrameReader(maxOutput + REPORT_ROOM), received);
  }

  /** How long it has had a processor, in milliseconds; NaN where that cannot be told. */
  cpuMs(): number {
    return readThreadClock(this.#clock);
  }

  order(order: ProcessOrder): void {
    if (this.isGone) return;
    try {
      this.#child.stdin.write(encodeFrame(order));
      void this.#child.stdin.flush();
    } catch {
      // It is going; `gone` will say so.
    }
  }

  /** Whether it keeps this process from ending. */
  set keepsAlive(on: boolean) {
    if (on) this.#child.ref();
    else this.#child.unref();
  }

  kill(): void {
    this.isGone = true;
    this.#child.kill("SIGKILL");
  }

  async #read(
    frames: FrameReader<ProcessReport>,
    received: (report: ProcessReport) => void,
  ): Promise<void> {
    try {
      for await (const chunk of this.#child.stdout) {
        // What a killed process still said is of no call any more.
        if (this.isGone) return;
        for (const report of frames.push(chunk)) received(report);
      }
    } catch {
      // It does not keep to the protocol, so it is not ours any more.
      this.kill();
    }
  }
}
