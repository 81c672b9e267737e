import type { Environment } from "../environment.ts";
import type { KeyPath } from "../path-key.ts";
import type { Config } from "../schema/config.ts";

/** What a check of meaning sees: values that the schema has accepted, and where they came from. */
export interface CheckContext {
  readonly config: Config;
  /** The files it was read from, absolute; those of `file:` references too. */
  readonly files: readonly string[];
  readonly env: Environment;
  error(path: KeyPath, part: "key" | "value", message: string, help?: string): void;
  warn(path: KeyPath, part: "key" | "value", message: string, help?: string): void;
  /** Whether a value was given and is not a default. */
  isSet(path: KeyPath): boolean;
  /** Whether something at or below a path was wrong already, so that its absence says nothing. */
  isDamaged(path: KeyPath): boolean;
  /** A path as messages name it: `route[2].action`. */
  name(path: KeyPath): string;
  /** Where a value came from, in words. */
  showOrigin(path: KeyPath): string;
}

/** Finds problems that lie between values, or between a value and the machine. */
export type Check = (context: CheckContext) => void;
