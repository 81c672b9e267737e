import { suggest } from "../../config/suggest.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import type { ShellName } from "../completion.ts";
import { completionScript } from "../completion.ts";
import { serveCommand } from "./serve.ts";

const SHELLS: readonly ShellName[] = ["bash", "zsh", "fish"];

/** @param named every command, this one included */
export function completionCommand(named: () => Promise<readonly Command[]>): Command {
  return {
    name: "completion",
    summary: "Print the completion script of a shell",
    usage: ["bash | zsh | fish"],
    options: {},
    positionals: 1,
    completes: SHELLS,
    examples: [
      ['eval "$(sluice completion bash)"', "in ~/.bashrc"],
      ["source <(sluice completion zsh)", "in ~/.zshrc, behind compinit"],
      ["sluice completion fish | source", "in ~/.config/fish/config.fish"],
    ],
    async run(args, shell) {
      const [wanted] = args.positionals;
      const name = SHELLS.find((candidate) => candidate === wanted);
      if (name === undefined) {
        const close = suggest(wanted ?? "", SHELLS);
        throw new UsageError(
          wanted === undefined
            ? "name a shell: bash, zsh or fish"
            : `no completion for ${JSON.stringify(wanted)}: there is one for bash, zsh and fish`,
          close && `did you mean ${close}?`,
        );
      }
      shell.out(completionScript(name, serveCommand, await named()));
      return 0;
    },
  };
}
