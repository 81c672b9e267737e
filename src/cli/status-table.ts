import type { BackendStatus, Status, StreamStatus, UpstreamStatus } from "../admin/status.ts";
import { escapeControls } from "../telemetry/log/escape.ts";
import type { Style } from "./shell.ts";
import { styles } from "./shell.ts";

export interface TableOptions {
  readonly color: boolean;
  /** Characters of a line; those that are less important are left out where it is narrow. */
  readonly columns: number;
  /** The status before, and the seconds since, for rates. */
  readonly before?: { readonly status: Status; readonly seconds: number } | undefined;
}

interface Column<T> {
  readonly title: string;
  /** The highest is left out first; 0 stays. */
  readonly rank: number;
  readonly left?: boolean;
  cell(row: T): string;
  paint?(row: T): Style;
}

const MIN_NAME = 12;
const GAP = "  ";

/** A status as a person reads it. */
export function statusTable(status: Status, options: TableOptions): string {
  const { bold, dim } = styles(options.color);
  const { upstreams, streams } = status;
  const parts = [headLine(status, bold, dim)];
  for (const upstream of upstreams) parts.push(upstreamPart(upstream, options));
  const udp = streams.some(({ transport }) => transport === "udp");
  if (streams.length > 0) parts.push(streamsPart(streams, udp, options));
  if (upstreams.length === 0 && streams.length === 0) {
    parts.push(
      dim("  nothing is passed on: there is no [[upstream]], [[tcp_proxy]] or [[udp_proxy]]"),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

function headLine({ version, workers, reloads }: Status, bold: Style, dim: Style): string {
  const facts = [`${workers} ${workers === 1 ? "process" : "workers"}`];
  if (reloads.last_success !== null) facts.push(`loaded ${clock(reloads.last_success)}`);
  if (reloads.success > 0) facts.push(`${reloads.success} reloads`);
  if (reloads.failure > 0) facts.push(`${reloads.failure} failed reloads`);
  return `${bold("sluice")} ${version}  ${dim(facts.join(", "))}`;
}

function upstreamPart(upstream: UpstreamStatus, options: TableOptions): string {
  const { bold, dim, red } = styles(options.color);
  const facts: string[] = [];
  if (upstream.queued > 0) facts.push(`${upstream.queued} waiting`);
  if (upstream.retries_denied > 0) facts.push(`${upstream.retries_denied} retries denied`);
  for (const [code, count] of Object.entries(upstream.faults)) facts.push(`${count} ${code}`);
  const title = `${bold(escapeControls(upstream.name))}  ${dim(facts.join(", "))}`.trimEnd();
  const rows = table(backendColumns(upstream, options), upstream.backends, options);
  const lines = rows.flatMap((line, at) => {
    // The first line is the head.
    const reason = at === 0 ? null : (upstream.backends[at - 1]?.reason ?? null);
    if (reason === null) return [line];
    return [line, red(cut(`    ${escapeControls(reason)}`, options.columns))];
  });
  return [title, ...discoveryLine(upstream, options), ...lines].join("\n");
}

function discoveryLine({ discovery }: UpstreamStatus, options: TableOptions): string[] {
  if (!discovery) return [];
  const { dim, red } = styles(options.color);
  const { source, state, reason } = discovery;
  const why = reason === null ? "" : `: ${reason}`;
  const text = `  ${escapeControls(`${source}, ${state}${why}`)}`;
  return [(state === "failing" ? red : dim)(cut(text, options.columns))];
}

function backendColumns(
  upstream: UpstreamStatus,
  { before, color }: TableOptions,
): Column<BackendStatus>[] {
  const { green, red, dim } = styles(color);
  const past = before?.status.upstreams.find(({ name }) => name === upstream.name);
  const rate = ({ name, requests }: BackendStatus): string => {
    const then = past?.backends.find((one) => one.name === name);
    if (then === undefined || before === undefined) return "-";
    return (Math.max(0, requests - then.requests) / before.seconds).toFixed(1);
  };
  const bad = (count: number): Style => (count > 0 ? red : dim);
  return [
    { title: "BACKEND", rank: 0, left: true, cell: ({ name }) => escapeControls(name) },
    {
      title: "STATE",
      rank: 0,
      left: true,
      cell: ({ state }) => `● ${escapeControls(state)}`,
      paint: ({ state }) => (state === "up" ? green : red),
    },
    { title: "NOW", rank: 1, cell: (row) => String(row.in_flight) },
    ...(before === undefined ? [] : [{ title: "REQ/S", rank: 1, cell: rate }]),
    { title: "REQUESTS", rank: 2, cell: (row) => short(row.requests) },
    { title: "5XX", rank: 3, cell: (row) => short(row.errors), paint: (row) => bad(row.errors) },
    { title: "FAULTS", rank: 2, cell: (row) => short(row.faults), paint: (row) => bad(row.faults) },
    { title: "RETRIES", rank: 7, cell: (row) => short(row.retries) },
    { title: "P50", rank: 4, cell: (row) => time(row.p50_ms) },
    { title: "P95", rank: 6, cell: (row) => time(row.p95_ms) },
    { title: "P99", rank: 3, cell: (row) => time(row.p99_ms) },
    { title: "CONNS", rank: 5, cell: (row) => String(row.connections.open) },
    { title: "IDLE", rank: 8, cell: (row) => String(row.connections.idle) },
  ];
}

function streamsPart(
  streams: readonly StreamStatus[],
  udp: boolean,
  options: TableOptions,
): string {
  const { bold, dim, red, green } = styles(options.color);
  const faults = ({ faults: all }: StreamStatus): number =>
    Object.values(all).reduce((sum, count) => sum + count, 0);
  const isDown = (row: StreamStatus): boolean => row.backends.some(({ state }) => state !== "up");
  const columns: Column<StreamStatus>[] = [
    { title: "PROXY", rank: 0, left: true, cell: ({ name }) => escapeControls(name) },
    { title: "KIND", rank: 1, left: true, cell: ({ transport }) => transport },
    {
      title: "BACKENDS",
      rank: 0,
      left: true,
      cell({ backends }) {
        const up = backends.filter(({ state }) => state === "up").length;
        return `● ${up} of ${backends.length} up`;
      },
      paint: (row) => (isDown(row) ? red : green),
    },
    { title: "NOW", rank: 1, cell: (row) => String(row.open) },
    { title: "TOTAL", rank: 2, cell: (row) => short(row.total) },
    { title: "IN", rank: 3, cell: (row) => bytes(row.bytes_in) },
    { title: "OUT", rank: 3, cell: (row) => bytes(row.bytes_out) },
    ...(udp
      ? [
          {
            title: "DATAGRAMS",
            rank: 4,
            cell: (row: StreamStatus) => short(row.datagrams_in + row.datagrams_out),
          },
        ]
      : []),
    {
      title: "FAULTS",
      rank: 2,
      cell: (row) => short(faults(row)),
      paint: (row) => (faults(row) > 0 ? red : dim),
    },
  ];
  return [bold("TCP and UDP"), ...table(columns, streams, options)].join("\n");
}

/** Lines of equal columns, the head first, none longer than the terminal is wide. */
function table<T>(all: readonly Column<T>[], rows: readonly T[], options: TableOptions): string[] {
  const { dim } = styles(options.color);
  let columns = [...all];
  const widthOf = ({ title, cell }: Column<T>): number =>
    Math.max(title.length, ...rows.map((row) => cell(row).length));
  const total = (): number =>
    columns.reduce((sum, column) => sum + widthOf(column) + GAP.length, 0);
  for (;;) {
    const least = Math.max(...columns.map(({ rank }) => rank));
    if (least === 0 || total() <= options.columns) break;
    columns = columns.filter(({ rank }) => rank !== least);
  }
  const over = Math.max(0, total() - options.columns);
  const widths = columns.map((column, at) => {
    const width = widthOf(column);
    return at === 0 ? Math.max(Math.min(width, MIN_NAME), width - over) : width;
  });
  const pad = (text: string, at: number): string => {
    const width = widths[at] as number;
    const fitting = cut(text, width);
    return columns[at]?.left === true ? fitting.padEnd(width) : fitting.padStart(width);
  };
  const head = dim(GAP + columns.map(({ title }, at) => pad(title, at)).join(GAP));
  const body = rows.map((row) => {
    const cells = columns.map(({ cell, paint }, at) => {
      const text = pad(cell(row), at);
      return paint === undefined ? text : paint(row)(text);
    });
    return GAP + cells.join(GAP);
  });
  return [head, ...body];
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}

function time(ms: number | null): string {
  if (ms === null) return "-";
  if (ms >= 10_000) return `${Math.round(ms / 1000)} s`;
  return ms >= 100 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

function short(count: number): string {
  if (count < 100_000) return String(count);
  return count < 10_000_000 ? `${Math.round(count / 1000)} k` : `${Math.round(count / 1e6)} M`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
