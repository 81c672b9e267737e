import type { Status } from "../../admin/status.ts";
import type { Problem } from "../admin-address.ts";
import { adminAddress, adminOptions, fail, PATIENCE_MS, unreachable } from "../admin-address.ts";
import type { Command } from "../command.ts";
import type { Shell } from "../shell.ts";
import { statusTable } from "../status-table.ts";

const WATCH_MS = 1_000;
/** Of a line that goes to no terminal. */
const COLUMNS = 120;

export const statusCommand: Command = {
  name: "status",
  summary: "Show the upstreams and backends of a server that runs",
  usage: ["[--url URL | -c FILE] [--watch] [--json]"],
  details:
    "Asks the admin listener, which is there where the configuration has [admin]. Counts are of all workers since the start; times are to the head of an answer. NOW is what is under way. Exit code 1 when nothing answers.",
  options: {
    ...adminOptions,
    watch: { help: "Go on, and show it anew each second" },
    json: { help: "Write what the server answers: a line of JSON" },
  },
  positionals: 0,
  examples: [
    ["sluice status --watch", "a live table, until Ctrl-C"],
    [
      "sluice status --json | jq '.upstreams[].backends[] | select(.state != \"up\")'",
      "for programs",
    ],
  ],
  async run(args, shell) {
    const { options } = args;
    const address = adminAddress(args, "/status", shell);
    const show = options["json"] === true ? showJson : showTable;
    if (options["watch"] === true) return watch(address, show, shell);
    const answer = await ask(address);
    if ("problem" in answer) return fail(answer, shell);
    shell.out(show(answer.status, undefined, shell));
    return 0;
  },
};

/** Makes what is written of a status. */
type Show = (
  status: Status,
  before: { status: Status; seconds: number } | undefined,
  shell: Shell,
) => string;

const showJson: Show = (status) => `${JSON.stringify(status)}\n`;

const showTable: Show = (status, before, shell) =>
  statusTable(status, {
    color: shell.color("out"),
    columns: shell.columns?.() ?? COLUMNS,
    before,
  });

async function ask(address: URL): Promise<{ status: Status } | Problem> {
  try {
    const reply = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const told: unknown = await reply.json();
    if (reply.ok && isStatus(told)) return { status: told };
    const { code, detail } = (told ?? {}) as { code?: unknown; detail?: unknown };
    if (code === "unknown_host") {
      return { problem: String(detail), help: "name the admin listener by its address with --url" };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) return unreachable(error, address, PATIENCE_MS);
  }
  return {
    problem: `${address.origin} has no /status of sluice`,
    help: "name the admin listener with --url, not the server itself",
  };
}

function isStatus(value: unknown): value is Status {
  if (typeof value !== "object" || value === null) return false;
  const { upstreams, streams, reloads } = value as Partial<Status>;
  return Array.isArray(upstreams) && Array.isArray(streams) && typeof reloads === "object";
}

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

/** Until Ctrl-C. A server that goes away meanwhile may come back; one that was never there is an error. */
async function watch(address: URL, show: Show, shell: Shell): Promise<number> {
  const isScreen = shell.tty && show === showTable;
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.on("SIGINT", stop).on("SIGTERM", stop);
  let before: { status: Status; at: number } | undefined;
  try {
    while (!stopped.signal.aborted) {
      const answer = await ask(address);
      const at = performance.now();
      if ("problem" in answer) {
        if (before === undefined) return fail(answer, shell);
        if (isScreen) shell.out(screen(`${answer.problem}: waiting for it`));
        else fail(answer, shell);
      } else {
        const { status } = answer;
        const past = before && { status: before.status, seconds: (at - before.at) / 1000 };
        if (before === undefined && isScreen) shell.out(HIDE_CURSOR);
        const text = show(status, past, shell);
        shell.out(isScreen ? screen(text) : text);
        before = { status, at };
      }
      await pause(WATCH_MS, stopped.signal);
    }
    return 0;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    if (isScreen && before !== undefined) shell.out(SHOW_CURSOR);
  }
}

/** Written over what is there, so that nothing flickers. */
function screen(text: string): string {
  return `${HOME}${text.replaceAll("\n", `${CLEAR_LINE}\n`)}${CLEAR_LINE}${CLEAR_BELOW}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
