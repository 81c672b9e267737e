import { relative, sep } from "node:path";
import { isPem } from "../values.ts";
import type { Check, CheckContext } from "./check.ts";

/** Files that clients must not see, in a directory whose files clients see. */
export const checkExposure: Check = (context) => {
  const keys = new Set(privateKeys(context));
  const files = new Set(context.files.filter((file) => !keys.has(file)));
  const checked = new Set<string>();
  for (const [index, { action }] of context.config.route.entries()) {
    if (action.type !== "static") continue;
    const path = ["route", index, "action", "root"];
    const dotfiles = action.dotfiles === "allow";
    // Once for each directory, however many routes serve it.
    const id = `${dotfiles} ${action.root}`;
    if (checked.has(id)) continue;
    checked.add(id);
    const shows = (file: string) => isServed(action.root, file, dotfiles);
    for (const key of keys) {
      if (!shows(key)) continue;
      context.error(
        path,
        "value",
        `${action.root} holds the private key ${key}: everyone could download it`,
        "help: move the key out of the directory that is served",
      );
    }
    for (const file of files) {
      if (!shows(file)) continue;
      context.warn(
        path,
        "value",
        `${action.root} holds ${file}, which is part of the configuration: everyone can download it`,
        "help: serve a directory of its own, such as ./public",
      );
    }
  }
};

function privateKeys({ config }: CheckContext): string[] {
  const { tls, certificate } = config.server;
  const keys = certificate.map(({ key }) => key);
  if (tls?.key !== undefined) keys.push(tls.key);
  return keys.filter((key) => !isPem(key));
}

function isServed(root: string, file: string, dotfiles: boolean): boolean {
  // The usual case, without taking both paths apart.
  if (!file.startsWith(root)) return false;
  const parts = relative(root, file).split(sep);
  if (parts[0] === ".." || parts[0] === "") return false;
  return dotfiles || !parts.some((part) => part.startsWith("."));
}
