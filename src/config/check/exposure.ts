import { relative, sep } from "node:path";
import { isPem } from "../values.ts";
import type { Check, CheckContext } from "./check.ts";

/** Files that clients must not see, in a directory whose files clients see. */
export const checkExposure: Check = (context) => {
  const keys = privateKeys(context);
  for (const [index, { action }] of context.config.route.entries()) {
    if (action.type !== "static") continue;
    const path = ["route", index, "action", "root"];
    const shows = (file: string) => isServed(action.root, file, action.dotfiles === "allow");
    for (const key of keys.filter(shows)) {
      context.error(
        path,
        "value",
        `${action.root} holds the private key ${key}: everyone could download it`,
        "help: move the key out of the directory that is served",
      );
    }
    for (const file of context.files.filter((one) => !keys.includes(one) && shows(one))) {
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
  const parts = relative(root, file).split(sep);
  if (parts[0] === ".." || parts[0] === "") return false;
  return dotfiles || !parts.some((part) => part.startsWith("."));
}
