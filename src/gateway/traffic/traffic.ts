import { Splits } from "./splits.ts";

/** How a process shares requests out, through all reloads. */
export class Traffic {
  readonly splits = new Splits();
}
