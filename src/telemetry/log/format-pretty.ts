import type { AccessFormat, AccessRecord } from "./access-record.ts";
import { escapeQuoted } from "./escape.ts";
import { clockTimestamp } from "./timestamp.ts";

const RESET = "\x1b[0m";
const DIM = "\x1b[2m";
const BOLD = "\x1b[1m";
const RED = "\x1b[31m";
const GREEN = "\x1b[32m";
const YELLOW = "\x1b[33m";
const CYAN = "\x1b[36m";

/** For people at a terminal: what varies in width stands last. */
export function formatPretty(color: boolean): AccessFormat {
  const paint = color ? (code: string, text: string) => code + text + RESET : plain;
  return (record, line) => {
    const method = escapeQuoted(record.method === "" ? "-" : record.method);
    const target = escapeQuoted(record.target === "" ? "-" : record.target);
    const error = record.error === "" ? "" : ` ${paint(RED, escapeQuoted(record.error))}`;
    const upstreamOf = ({ upstream }: AccessRecord): string => {
      if (upstream === undefined) return "";
      const { backend, attempts, ms, fault } = upstream;
      const again = attempts > 1 ? ` (${attempts} attempts)` : "";
      const asked = paint(
        DIM,
        ` → ${escapeQuoted(backend || "no backend")} ${duration(ms)}${again}`,
      );
      return fault === undefined ? asked : `${asked} ${paint(RED, fault)}`;
    };
    line.text(
      `${paint(DIM, clockTimestamp(record.time))} ${paint(statusColor(record.status), status(record))} ` +
        `${duration(record.durationMs).padStart(8)} ${size(record.bytes).padStart(8)}  ` +
        `${paint(DIM, `${record.protocol.padEnd(8)} ${record.remote.padEnd(15)}`)} ` +
        `${paint(BOLD, method.padEnd(7))} ${target}${upstreamOf(record)}${error}\n`,
    );
  };
}

const plain = (_code: string, text: string) => text;

function status(record: AccessRecord): string {
  return record.status === 0 ? "---" : String(record.status);
}

function statusColor(code: number): string {
  if (code >= 500 || code === 0) return RED;
  if (code >= 400) return YELLOW;
  return code >= 300 ? CYAN : GREEN;
}

function duration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
