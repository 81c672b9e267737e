import * as z from "zod";
import { configSchema } from "./schema/config.ts";

/** The JSON Schema of a configuration file, for editors. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  return { ...schema, title: "Sluice configuration" };
}
