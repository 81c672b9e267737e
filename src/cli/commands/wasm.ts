import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { benchGuest } from "../wasm/bench-guest.ts";
import { inspectModule } from "../wasm/inspect-module.ts";
import { runGuest } from "../wasm/run-guest.ts";
import { sandboxOptions } from "../wasm/sandbox-of.ts";

export const wasmCommand: Command = {
  name: "wasm",
  summary: "Look at a WebAssembly module, run it in a sandbox, measure it",
  usage: ["inspect FILE", "run FILE [--call NAME] [--input TEXT]", "bench FILE [--call NAME]"],
  details:
    "inspect tells imports, exports, memory, ABI and what the module would want. run calls it once under the bounds of a policy: its output, or with --request its answer, goes to standard output, its log to standard error. bench calls it one time after the other on each executor.",
  options: {
    call: { value: "NAME", help: "The export to call: _start for WASI, else handle, if left out" },
    input: { value: "TEXT", help: "What it is given; @FILE for what a file holds" },
    request: { value: '"METHOD /PATH"', help: "Ask it as a server would; --input is the body" },
    header: { short: "H", value: "FIELD", help: "A field of the request", many: true },
    audit: { help: "Show what it asked of its host, its time and its memory" },
    seconds: { value: "N", help: "How long bench measures each executor: 1 if left out" },
    ...sandboxOptions,
  },
  positionals: 2,
  completes: ["inspect", "run", "bench"],
  examples: [
    ["sluice wasm inspect verify.wasm", "what it is and wants"],
    ["sluice wasm run stats.wasm --call process_request --input '[1,2]'", "one call"],
    ['sluice wasm run verify.wasm --request "GET /me" -H "X-A: 1"', "one request"],
  ],
  async run(args, shell) {
    const [what, file] = args.positionals;
    if (what !== "inspect" && what !== "run" && what !== "bench") {
      throw new UsageError("say what is to be done: sluice wasm inspect, run or bench FILE");
    }
    if (file === undefined) throw new UsageError(`name a module: sluice wasm ${what} FILE`);
    if (what === "inspect") return inspectModule(file, shell);
    return what === "run" ? runGuest(file, args, shell) : benchGuest(file, args, shell);
  },
};
