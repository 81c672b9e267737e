import * as z from "zod";
import { membersOf, unwrap } from "./schema/walk.ts";

const TRUE = new Set(["true", "yes", "on", "1"]);
const FALSE = new Set(["false", "no", "off", "0"]);

/**
 * Text from the environment, a flag or a secret as the type its key has. Text that does not fit is left as it
 * is, so that the schema says what was expected.
 */
export function coerce(text: string, schema: z.ZodType): unknown {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNumber) return toNumber(text);
  if (inner instanceof z.ZodBoolean) {
    const word = text.trim().toLowerCase();
    return TRUE.has(word) ? true : FALSE.has(word) ? false : text;
  }
  if (inner instanceof z.ZodLiteral) {
    const number = toNumber(text);
    return inner.values.has(number as number) ? number : text;
  }
  if (inner instanceof z.ZodArray) {
    const items = text.split(",").map((item) => item.trim());
    return items
      .filter((item) => item !== "")
      .map((item) => coerce(item, inner.element as z.ZodType));
  }
  if (inner instanceof z.ZodUnion) {
    for (const member of membersOf(inner)) {
      const value = coerce(text, member);
      if (member.safeParse(value).success) return value;
    }
  }
  return text;
}

function toNumber(text: string): unknown {
  return /^\s*-?\d+\s*$/.test(text) ? Number(text) : text;
}
