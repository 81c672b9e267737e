import type { Config } from "../../config/schema/config.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { configOptions, DEFAULT_FILE, loadRequest } from "../config-options.ts";
import { loadOrReport } from "../load-or-report.ts";
import { styles } from "../shell.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "Check a configuration and report everything that is wrong with it",
  usage: ["[FILE]"],
  details: `Checks FILE (${DEFAULT_FILE} if left out) just as a start and a reload do. The exit code is 1 if there is an error; warnings alone leave it 0.`,
  options: { config: configOptions.config },
  positionals: 1,
  completes: "file",
  examples: [["sluice check /etc/sluice.toml", "before a reload"]],
  run(args, shell) {
    const [file] = args.positionals;
    if (file !== undefined && args.options["config"] !== undefined) {
      throw new UsageError("a file was given twice", "leave out --config");
    }
    const options = file === undefined ? args.options : { config: file };
    const request = loadRequest({ options, positionals: [] }, shell);
    const loaded = loadOrReport(request, shell);
    if (loaded === undefined) return 1;
    const { green } = styles(shell.color("out"));
    shell.out(`${green("ok")}: ${request.file} (${contentsOf(loaded.config)})\n`);
    return 0;
  },
};

/** What a configuration has, so that a file that is read but means nothing is noticed. */
function contentsOf({ route, upstream, tcp_proxy, udp_proxy }: Config): string {
  const counts: [number, string, string][] = [
    [route.length, "route", "routes"],
    [upstream.length, "upstream", "upstreams"],
    [tcp_proxy.length, "TCP proxy", "TCP proxies"],
    [udp_proxy.length, "UDP proxy", "UDP proxies"],
  ];
  const there = counts.filter(([count]) => count > 0);
  if (there.length === 0) return "0 routes";
  return there.map(([count, one, many]) => `${count} ${count === 1 ? one : many}`).join(", ");
}
