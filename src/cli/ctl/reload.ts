import { adminAddress, fail, unreachable } from "../admin-address.ts";
import type { Arguments } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Shell } from "../shell.ts";
import { styles } from "../shell.ts";

/** Workers may have to start, and a reload before this one to end. */
const PATIENCE_MS = 200_000;

/** `sluice ctl reload` @returns the exit code */
export async function reloadServer(args: Arguments, shell: Shell): Promise<number> {
  if (args.positionals.length > 1) {
    const help = "the server knows its own; -c FILE only says where it is found";
    throw new UsageError("reload takes no file", help);
  }
  if (args.options["reset"] === true) throw new UsageError("--reset goes with split");
  const address = adminAddress(args, "/reload", shell);
  let reply: Response;
  try {
    reply = await fetch(address, { method: "POST", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    return fail(unreachable(error, address, PATIENCE_MS), shell);
  }
  const told = (await reply.json().catch(() => undefined)) as
    | { ms?: number; code?: string; detail?: string }
    | undefined;
  if (reply.ok && typeof told?.ms === "number") {
    shell.out(`reloaded in ${told.ms} ms\n`);
    return 0;
  }
  if (told?.code === "reload_failed") {
    const { red } = styles(shell.color("err"));
    const headline = `${red("error:")} the configuration before goes on`;
    shell.err(`${headline}:\n${told.detail ?? ""}\n`);
    return 1;
  }
  const problem = told?.detail ?? `${address.origin} has no /reload of sluice`;
  return fail({ problem, help: "name the admin listener with --url, or its file with -c" }, shell);
}
