import type { Status } from "../../admin/status.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Shell } from "../shell.ts";
import { styles } from "../shell.ts";
import { statusTable } from "../status-table.ts";

const DEFAULT_URL = "http://127.0.0.1:9180";
/** How long the server may take to answer. */
const PATIENCE_MS = 5_000;
const WATCH_MS = 1_000;
/** Of a line that goes to no terminal. */
const COLUMNS = 120;

export const statusCommand: Command = {
  name: "status",
  summary: "Show the upstreams and backends of a server that runs",
  usage: ["[--url URL] [--watch] [--json]"],
  details:
    "Asks the admin listener, which is there where the configuration has [admin]. Counts are of all workers since the start; times are to the head of an answer. NOW is what is under way. Exit code 1 when nothing answers.",
  options: {
    url: { value: "URL", help: `The admin listener; ${DEFAULT_URL} if left out` },
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
  async run({ options }, shell) {
    const address = addressOf(options["url"]);
    const show = options["json"] === true ? showJson : showTable;
    if (options["watch"] === true) return watch(address, show, shell);
    const answer = await ask(address);
    if ("problem" in answer) return fail(answer, shell);
    shell.out(show(answer.status, undefined, shell));
    return 0;
  },
};

interface Problem {
  readonly problem: string;
  readonly help: string;
}

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

/** @throws UsageError */
function addressOf(url: string | true | undefined): URL {
  const text = typeof url === "string" ? url : DEFAULT_URL;
  const address = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw new UsageError(`--url ${text} is no address`, `write it as ${DEFAULT_URL}`);
  }
  return new URL("/status", address);
}

async function ask(address: URL): Promise<{ status: Status } | Problem> {
  try {
    const reply = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const status: unknown = reply.ok ? await reply.json() : undefined;
    if (isStatus(status)) return { status };
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    if (name === "TimeoutError") {
      return {
        problem: `${address.origin} does not answer within ${PATIENCE_MS / 1000} s`,
        help: "look into the error log of the server",
      };
    }
    if (!(error instanceof SyntaxError)) {
      const why = code === undefined || code === "ConnectionRefused" ? "" : ` (${code})`;
      return {
        problem: `nothing listens at ${address.origin}${why}`,
        help: "add [admin] to the configuration of the server and reload it, or name its address with --url",
      };
    }
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

function fail({ problem, help }: Problem, shell: Shell): number {
  const { red } = styles(shell.color("err"));
  shell.err(`${red("error:")} ${problem}\n  = help: ${help}\n`);
  return 1;
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
