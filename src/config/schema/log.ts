import * as z from "zod";
import { field } from "./field.ts";
import { nonEmpty } from "./text.ts";

/** `[log]` */
export const log = z.strictObject({
  access: field(nonEmpty.default("off"), {
    description: 'Where the access log goes: "stdout", "off", or the path of a file.',
    example: '"/var/log/sluice/access.log"',
    expected: '"stdout", "off" or the path of a file',
    path: true,
    words: ["stdout", "off"],
  }),
  format: field(z.enum(["auto", "combined", "json", "pretty"]).default("auto"), {
    description:
      'Of the access log: "combined" as nginx and Apache write it, "json" one object a line, "pretty" coloured for people. "auto" is pretty in a terminal and combined elsewhere.',
    example: '"json"',
  }),
  error: field(nonEmpty.default("stderr"), {
    description: 'Where the error log goes: "stderr" or the path of a file.',
    example: '"/var/log/sluice/error.log"',
    expected: '"stderr" or the path of a file',
    path: true,
    words: ["stderr"],
  }),
  level: field(z.enum(["error", "warn", "info", "debug"]).default("info"), {
    description: "The least severe messages of the error log.",
    example: '"warn"',
  }),
  rotate_bytes: field(z.int().min(0).default(0), {
    description: "Bytes after which a log file is rotated (renamed to .1, .2 …). 0 = not by size.",
    example: "104857600",
  }),
  rotate_secs: field(z.int().min(0).default(0), {
    description: "Seconds after which a log file is rotated. 0 = not by time.",
    example: "86400",
  }),
  rotate_keep: field(z.int().min(1).max(1000).default(7), {
    description: "Rotated files that are kept.",
    example: "14",
  }),
});
