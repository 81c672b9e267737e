import { describe, expect, test } from "bun:test";
import { LineWriter } from "./line-writer.ts";
import type { LogTarget } from "./log-target.ts";

/** A target whose writes end when the test says so. */
class SlowTarget implements LogTarget {
  readonly name = "slow";
  readonly written: string[] = [];
  events: string[] = [];
  #waiting: (() => void)[] = [];
  slow = true;
  error: Error | undefined;

  async write(bytes: Uint8Array): Promise<void> {
    if (this.slow) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.error) throw this.error;
    this.written.push(new TextDecoder().decode(bytes));
  }
  async reopen(): Promise<void> {
    this.events.push(`reopen after ${this.written.length}`);
  }
  async close(): Promise<void> {
    this.events.push("close");
  }
  release(): void {
    this.slow = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function fast(): SlowTarget {
  const target = new SlowTarget();
  target.slow = false;
  return target;
}

function coded(code: string): Error {
  return Object.assign(new Error(`${code}: it went wrong`), { code });
}

describe("LineWriter", () => {
  test("gathers lines into one write", async () => {
    const target = fast();
    const writer = new LineWriter(target, { report: () => {} });
    writer.write("a\n");
    writer.write("b\n");
    expect(target.written).toEqual([]);
    await writer.flush();
    expect(target.written).toEqual(["a\nb\n"]);
  });

  test("writes by itself when the batch is full, and after a while", async () => {
    const target = fast();
    const writer = new LineWriter(target, { report: () => {}, batch: 6, delayMs: 1 });
    writer.write("123\n");
    writer.write("456\n");
    writer.write("7\n");
    while (target.written.length < 2) await Bun.sleep(1);
    expect(target.written).toEqual(["123\n456\n", "7\n"]);
  });

  test("drops and counts what a slow target cannot take, and goes on in order", async () => {
    const target = new SlowTarget();
    const reports: string[] = [];
    const options = { batch: 4, maxHeld: 12, settleMs: 0 };
    const writer = new LineWriter(target, { ...options, report: (text) => reports.push(text) });
    for (let i = 0; i < 10; i++) writer.write(`${i}..\n`);
    expect(writer.dropped).toBe(7);
    expect(reports).toEqual(["slow takes lines slower than they come: lines are dropped"]);
    target.release();
    await writer.flush();
    expect(target.written).toEqual(["0..\n", "1..\n", "2..\n"]);
    expect(reports[1]).toBe("slow is written again: 7 lines were lost");
    writer.write("x..\n");
    await writer.flush();
    expect(target.written.at(-1)).toBe("x..\n");
    expect(reports.length).toBe(2);
  });

  test("tells a failure once, keeps trying, and tells its end", async () => {
    const target = fast();
    const reports: string[] = [];
    const writer = new LineWriter(target, { settleMs: 0, report: (text) => reports.push(text) });
    target.error = coded("ENOSPC");
    for (let i = 0; i < 3; i++) {
      writer.write("lost\n");
      await writer.flush();
    }
    expect(reports.length).toBe(1);
    expect(reports[0]).toContain("the disk is full: free some space");
    expect(writer.dropped).toBe(3);
    target.error = undefined;
    writer.write("kept\n");
    await writer.flush();
    expect(target.written).toEqual(["kept\n"]);
    expect(reports[1]).toBe("slow is written again: 3 lines were lost");
  });

  test("a trouble that comes and goes is told once", async () => {
    const target = fast();
    const reports: string[] = [];
    const writer = new LineWriter(target, { report: (text) => reports.push(text) });
    for (let i = 0; i < 10; i++) {
      target.error = i % 2 === 0 ? coded("EPIPE") : undefined;
      writer.write("line\n");
      await writer.flush();
    }
    expect(reports.length).toBe(1);
    await writer.close();
    expect(reports[1]).toBe("slow is written again: 5 lines were lost");
  });

  test("reopens between the lines before and the lines after", async () => {
    const target = fast();
    const writer = new LineWriter(target, { report: () => {} });
    writer.write("before\n");
    writer.reopen();
    writer.write("after\n");
    await writer.flush();
    expect(target.events).toEqual(["reopen after 1"]);
    expect(target.written).toEqual(["before\n", "after\n"]);
  });

  test("close writes the rest, closes once, and loses what comes later", async () => {
    const target = fast();
    const writer = new LineWriter(target, { report: () => {} });
    writer.write("last\n");
    await Promise.all([writer.close(), writer.close()]);
    writer.write("late\n");
    await writer.flush();
    expect(target.written).toEqual(["last\n"]);
    expect(target.events).toEqual(["close"]);
    expect(writer.dropped).toBe(1);
  });

  test("close does not wait for a target that hangs", async () => {
    const target = new SlowTarget();
    const writer = new LineWriter(target, { report: () => {}, closeMs: 5 });
    writer.write("stuck\n");
    await writer.close();
    expect(target.events).toEqual([]);
    target.release();
  });
});
