import type { Shell } from "./shell.ts";

export interface Option {
  /** One letter, for `-c`. */
  readonly short?: string;
  /** What stands for its value in help, such as `FILE`; without one the option is a switch. */
  readonly value?: string;
  readonly help: string;
  /** May be given several times: its values are lines of one text. */
  readonly many?: boolean;
  /** Values a shell can complete. */
  readonly choices?: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

/** Arguments of a command as they were parsed: a switch is true, anything else its text. */
export interface Arguments {
  readonly options: Readonly<Record<string, string | true | undefined>>;
  readonly positionals: readonly string[];
}

/** One command: everything its help, its completion and its parsing need. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** How it is called, without `sluice `. */
  readonly usage: readonly string[];
  /** More to say in its own help. */
  readonly details?: string;
  readonly options: Options;
  /** How many positionals it takes at most. */
  readonly positionals: number;
  /** Completes to directories or files; words are completed as they are. */
  readonly completes?: "directory" | "file" | readonly string[];
  readonly examples?: readonly (readonly [line: string, meaning: string])[];
  /** @returns the exit code */
  run(args: Arguments, shell: Shell): number | Promise<number>;
}

/** A mistake of the person who typed the command: shown without a stack, exit code 2. */
export class UsageError extends Error {
  readonly help: string | undefined;

  constructor(message: string, help?: string) {
    super(message);
    this.name = "UsageError";
    this.help = help;
  }
}
