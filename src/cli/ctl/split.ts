import type { SplitState } from "../../gateway/traffic/splits.ts";
import type { Problem } from "../admin-address.ts";
import { adminAddress, fail, PATIENCE_MS, unreachable } from "../admin-address.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Shell } from "../shell.ts";

/** `sluice ctl split` @returns the exit code */
export async function changeSplits(args: Arguments, shell: Shell): Promise<number> {
  const { options, positionals } = args;
  const [, name, ...changes] = positionals;
  const reset = options["reset"] === true;
  if (reset && (name === undefined || changes.length > 0)) {
    throw new UsageError("--reset takes the name of a split and no weights");
  }
  if (name !== undefined && changes.length === 0 && !reset) {
    throw new UsageError(`say what ${name} is to be: CHOICE=WEIGHT, or --reset`);
  }
  const path = name === undefined ? "/splits" : `/splits/${encodeURIComponent(name)}`;
  const address = adminAddress(args, path, shell);
  const answer = await ask(address, requestFor(name, changes));
  if ("problem" in answer) return fail(answer, shell);
  show(answer.splits, shell);
  return 0;
}

function requestFor(name: string | undefined, changes: readonly string[]): RequestInit {
  if (name === undefined) return {};
  if (changes.length === 0) return { method: "DELETE" };
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(weightsOf(changes)) };
}

/** @throws UsageError */
function weightsOf(changes: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    changes.map((change) => {
      const [, name, weight] = /^(.+)=(\d{1,9})$/.exec(change) ?? [];
      if (name !== undefined && weight !== undefined) return [name, Number(weight)];
      const choice = /^[^=]+/.exec(change)?.[0] ?? "api-next";
      throw new UsageError(`${change} is no weight: write it as ${choice}=50`);
    }),
  );
}

async function ask(
  address: URL,
  init: RequestInit,
): Promise<{ splits: readonly SplitState[] } | Problem> {
  let reply: Response;
  try {
    reply = await fetch(address, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    return unreachable(error, address, PATIENCE_MS);
  }
  const told = (await reply.json().catch(() => undefined)) as
    | { splits?: readonly SplitState[]; detail?: string }
    | undefined;
  if (reply.ok && told?.splits !== undefined) return { splits: told.splits };
  return {
    problem: told?.detail ?? `${address.origin} has no splits of sluice`,
    help: "sluice ctl split shows what there is; --url names the admin listener",
  };
}

function show(splits: readonly SplitState[], shell: Shell): void {
  if (splits.length === 0) shell.out("no splits\n");
  for (const { name, choices, changed } of splits) {
    const sum = choices.reduce((total, { weight }) => total + weight, 0);
    shell.out(`${name}${changed ? "  (changed; --reset goes back)" : ""}\n`);
    for (const { name: choice, weight, configured } of choices) {
      const share = `${((100 * weight) / sum).toFixed(1)} %`.padStart(8);
      const was = weight === configured ? "" : `  was ${configured}`;
      shell.out(`  ${choice.padEnd(24)} ${String(weight).padStart(7)} ${share}${was}\n`);
    }
  }
}
