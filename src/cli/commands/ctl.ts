import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { adminOptions } from "../admin-address.ts";
import { reloadServer } from "../ctl/reload.ts";
import { changeSplits } from "../ctl/split.ts";

export const ctlCommand: Command = {
  name: "ctl",
  summary: "Change a server that runs",
  usage: [
    "reload [--url URL | -c FILE]",
    "split [--url URL | -c FILE]",
    "split NAME CHOICE=WEIGHT ...",
    "split NAME --reset",
  ],
  details:
    "reload has the server read its configuration anew, as SIGHUP does, and tells what became of it: what is wrong with the file, if anything is, and the configuration before goes on. split shows how requests are shared out, and changes it at once, in all workers. Choices that are not named keep their weight. A change lasts until the server is restarted, or the choices of that split change in the configuration. Both ask the admin listener, which is there where the configuration has [admin]. Exit code 1 when it could not be done.",
  options: {
    ...adminOptions,
    reset: { help: "Go back to the weights of the configuration" },
  },
  positionals: 64,
  completes: ["reload", "split"],
  examples: [
    ["sluice ctl reload", "read the configuration anew"],
    ["sluice ctl split", "all splits with their weights"],
    ["sluice ctl split checkout api=50 api-next=50", "half of the requests each"],
  ],
  async run(args, shell) {
    const [what] = args.positionals;
    if (what === "reload") return reloadServer(args, shell);
    if (what === "split") return changeSplits(args, shell);
    throw new UsageError("say what is to be done: sluice ctl reload, or sluice ctl split");
  },
};
