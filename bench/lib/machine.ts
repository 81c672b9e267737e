import { cpus, release, totalmem, type } from "node:os";

/** The machine in one line: figures mean little without it. */
export function machine(): string {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${all.length} × ${all[0]?.model.trim() ?? "CPU"}, ${memory} GiB, ${type()} ${release()}`;
}
