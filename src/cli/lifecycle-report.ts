import type { Report } from "../server/lifecycle/event.ts";
import type { Shell } from "./shell.ts";
import { styles } from "./shell.ts";

/** Writes what happens to a running server to standard error: text in a terminal, one line of JSON elsewhere. */
export function lifecycleReport(shell: Shell): Report {
  const { red, dim } = styles(shell.color("err"));
  return ({ level, event, message }) => {
    if (!shell.tty) {
      const ts = new Date().toISOString();
      shell.err(`${JSON.stringify({ ts, level, event, pid: process.pid, message })}\n`);
      return;
    }
    const time = dim(new Date().toTimeString().slice(0, 8));
    shell.err(`${time} ${level === "info" ? message : red(message)}\n`);
  };
}
