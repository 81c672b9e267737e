import type { Command, Option } from "./command.ts";

export type ShellName = "bash" | "zsh" | "fish";

/** The completion script of a shell. Everything comes from the commands, so it cannot lag behind them. */
export function completionScript(
  shell: ShellName,
  serve: Command,
  commands: readonly Command[],
): string {
  if (shell === "bash") return bash(serve, commands);
  if (shell === "zsh") return zsh(serve, commands);
  return fish(serve, commands);
}

const GLOBAL: readonly [string, string][] = [
  ["--help", "Show help"],
  ["--version", "Print the version"],
];

function bash(serve: Command, commands: readonly Command[]): string {
  const names = commands.map((command) => command.name).join(" ");
  const words = (command: Command) =>
    [...Object.keys(command.options).map((name) => `--${name}`), "--help"].join(" ");
  const values = [...new Map([serve, ...commands].flatMap((c) => Object.entries(c.options)))]
    .filter(([, option]) => option.value !== undefined)
    .map(
      ([name, option]) => `    ${flags(name, option).join("|")}) ${bashValue(option)}; return ;;`,
    );
  const cases = commands.map(
    (command) => `    ${command.name}) words="${words(command)}"; ${bashFiles(command)} ;;`,
  );
  return `# bash completion for sluice: eval "$(sluice completion bash)"
_sluice() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local words files=""
  COMPREPLY=()
  case "$previous" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="${words(serve)} --version"; files="-d" ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  [[ -n $files ]] && COMPREPLY=($(compgen $files -- "$current"))
  [[ $files == -W* ]] && COMPREPLY=($(compgen -W "\${files#-W }" -- "$current"))
  [[ $COMP_CWORD == 1 ]] && COMPREPLY+=($(compgen -W "${names}" -- "$current"))
}
complete -o filenames -F _sluice sluice
`;
}

function bashValue(option: Option): string {
  if (option.choices)
    return `COMPREPLY=($(compgen -W "${option.choices.join(" ")}" -- "$current"))`;
  return option.value === "FILE" ? 'COMPREPLY=($(compgen -f -- "$current"))' : "COMPREPLY=()";
}

function bashFiles(command: Command): string {
  if (command.completes === "directory") return 'files="-d"';
  if (command.completes === "file") return 'files="-f"';
  return command.completes === undefined ? 'files=""' : `files="-W ${command.completes.join(" ")}"`;
}

function flags(name: string, option: Option): string[] {
  return option.short === undefined ? [`--${name}`] : [`-${option.short}`, `--${name}`];
}

function zsh(serve: Command, commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `    ${zshQuote(`${name}:${summary}`)}`);
  const cases = commands.map(
    (command) => `      ${command.name}) _arguments ${zshArguments(command)} ;;`,
  );
  return `#compdef sluice
# zsh completion for sluice: source <(sluice completion zsh)
_sluice() {
  local -a commands
  commands=(
${list.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    _directories
    return
  fi
  case $words[2] in
${cases.join("\n")}
      *) _arguments ${zshArguments(serve)} '--version[Print the version]' ;;
  esac
}
# Read by autoload from $fpath it is the function itself, by source it is told of it.
if [[ \${funcstack[1]} == _sluice ]]; then _sluice "$@"; else compdef _sluice sluice; fi
`;
}

function zshArguments(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => {
    const value = option.value === undefined ? "" : `:${option.value}:${zshValue(option)}`;
    return zshQuote(`--${name}[${option.help.replace(/[[\]]/g, "\\$&")}]${value}`);
  });
  const { completes } = command;
  if (completes === "directory") options.push("'*:directory:_directories'");
  else if (completes === "file") options.push("'*:file:_files'");
  else if (completes !== undefined) options.push(zshQuote(`*:word:(${completes.join(" ")})`));
  return [...options, "'--help[Show help]'"].join(" ");
}

function zshValue(option: Option): string {
  if (option.choices) return `(${option.choices.join(" ")})`;
  return option.value === "FILE" ? "_files" : " ";
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fish(serve: Command, commands: readonly Command[]): string {
  const names = commands.map((command) => command.name).join(" ");
  const lines = [
    "# fish completion for sluice: sluice completion fish | source",
    "complete -c sluice -f",
  ];
  const noCommand = `not __fish_seen_subcommand_from ${names}`;
  for (const { name, summary } of commands) {
    lines.push(`complete -c sluice -n __fish_use_subcommand -a ${name} -d ${fishQuote(summary)}`);
  }
  lines.push(`complete -c sluice -n '${noCommand}' -a '(__fish_complete_directories)'`);
  for (const [name, help] of GLOBAL) {
    lines.push(`complete -c sluice -l ${name.slice(2)} -d ${fishQuote(help)}`);
  }
  for (const command of [serve, ...commands]) {
    const when = command === serve ? noCommand : `__fish_seen_subcommand_from ${command.name}`;
    for (const [name, option] of Object.entries(command.options)) {
      const short = option.short === undefined ? "" : ` -s ${option.short}`;
      lines.push(
        `complete -c sluice -n '${when}' -l ${name}${short}${fishValue(option)} -d ${fishQuote(option.help)}`,
      );
    }
    const { completes } = command;
    if (completes === "file") lines.push(`complete -c sluice -n '${when}' -F`);
    if (typeof completes === "object") {
      lines.push(`complete -c sluice -n '${when}' -a ${fishQuote(completes.join(" "))}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function fishValue(option: Option): string {
  if (option.value === undefined) return "";
  if (option.choices) return ` -x -a ${fishQuote(option.choices.join(" "))}`;
  return option.value === "FILE" ? " -r -F" : " -x";
}

function fishQuote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
