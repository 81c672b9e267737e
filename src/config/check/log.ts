import { statSync } from "node:fs";
import { dirname } from "node:path";
import { reason } from "../values.ts";
import type { Check } from "./check.ts";

/** Log files are made when needed; their directory has to be there. */
export const checkLog: Check = (context) => {
  const { log } = context.config;
  for (const key of ["access", "error"] as const) {
    const file = log[key];
    if (["stdout", "stderr", "off"].includes(file)) continue;
    try {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
        context.error(["log", key], "value", `log.${key} is a directory: name a file in it`);
      } else if (!statSync(dirname(file)).isDirectory()) {
        context.error(["log", key], "value", `${dirname(file)} is no directory`);
      }
    } catch (error) {
      const why = reason(error).replace("no such file", "no such directory");
      context.error(["log", key], "value", `cannot write to ${dirname(file)}: ${why}`);
    }
  }
};
