import type { TemplatePart } from "../../core/template/template.ts";
import { parseTemplate } from "../../core/template/template.ts";

/** A value as a template of its JSON: every text in it may have values; names of members are as they are. */
export function jsonTemplate(value: unknown): TemplatePart[] {
  if (typeof value === "string") {
    const parts = parseTemplate(value).map((part) =>
      typeof part === "string" ? JSON.stringify(part).slice(1, -1) : part,
    );
    return joined(['"', ...parts, '"']);
  }
  if (Array.isArray(value)) {
    return joined(["[", ...separated(value.map(jsonTemplate)), "]"]);
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, inner]): TemplatePart[] => [
      `${JSON.stringify(name)}:`,
      ...jsonTemplate(inner),
    ]);
    return joined(["{", ...separated(members), "}"]);
  }
  return [JSON.stringify(value)];
}

function separated(items: readonly TemplatePart[][]): TemplatePart[] {
  return items.flatMap((item, index) => (index === 0 ? item : [",", ...item]));
}

/** Neighbouring texts are one. */
function joined(parts: readonly TemplatePart[]): TemplatePart[] {
  const out: TemplatePart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (typeof part === "string" && typeof last === "string") out[out.length - 1] = last + part;
    else out.push(part);
  }
  return out;
}
