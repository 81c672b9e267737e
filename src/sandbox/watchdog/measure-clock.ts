import type { Worker } from "node:worker_threads";

const ROUNDS = 5;

/**
 * What a thread must add to its `performance.now()` to have this thread's: each begins at another moment. Good to
 * half of the quickest answer, some tens of microseconds.
 * @param question the thread answers it with its time, a number
 */
export async function measureClock(thread: Worker, question: unknown): Promise<number> {
  let best = Infinity;
  let offset = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const asked = performance.now();
    const theirs = await answerOf(thread, question);
    const answered = performance.now();
    // The first answer waits for the thread to start, and says little.
    if (answered - asked >= best) continue;
    best = answered - asked;
    offset = (asked + answered) / 2 - theirs;
  }
  return offset;
}

function answerOf(thread: Worker, question: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error);
    thread.once("error", failed);
    thread.once("message", (answer: number) => {
      thread.removeListener("error", failed);
      resolve(answer);
    });
    thread.postMessage(question);
  });
}
