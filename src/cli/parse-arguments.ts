import { parseArgs } from "node:util";
import { suggest } from "../config/suggest.ts";
import type { Arguments, Command, Option } from "./command.ts";
import { UsageError } from "./command.ts";

/** Parses what stands behind a command. @throws UsageError with "did you mean" */
export function parseArguments(command: Command, args: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(command.options).map(([name, option]) => [
        name,
        {
          type: option.value === undefined ? ("boolean" as const) : ("string" as const),
          ...(option.short && { short: option.short }),
        },
      ]),
    ),
  });
  const options: Record<string, string | true> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = command.options[token.name];
    if (option === undefined) throw unknownOption(command, token.rawName);
    const value = optionValue(token, option);
    const before = option.many === true ? options[token.name] : undefined;
    options[token.name] = before === undefined ? value : `${before}\n${value}`;
  }
  const extra = positionals[command.positionals];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument ${JSON.stringify(extra)}`, usageHelp(command));
  }
  return { options, positionals };
}

function optionValue(
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  option: Option,
): string | true {
  const { rawName, value, inlineValue } = token;
  if (option.value === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`${rawName} takes no value, but was given ${JSON.stringify(value)}`);
  }
  // "--port --tls" has forgotten the port.
  if (value === undefined || value === "" || (!inlineValue && /^-\D/.test(value))) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value}`);
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const close = suggest(value, option.choices);
    throw new UsageError(
      `${rawName} must be one of ${option.choices.join(", ")}, not ${JSON.stringify(value)}`,
      close && `did you mean ${rawName} ${close}?`,
    );
  }
  return value;
}

function unknownOption(command: Command, name: string): UsageError {
  const known = Object.keys(command.options).map((option) => `--${option}`);
  const close = name.startsWith("--") ? suggest(name, known) : undefined;
  return new UsageError(
    `unknown option ${name}`,
    close === undefined ? usageHelp(command) : `did you mean ${close}?`,
  );
}

function usageHelp(command: Command): string {
  const name = command.name === "" ? "sluice --help" : `sluice ${command.name} --help`;
  return `"${name}" shows what there is`;
}
