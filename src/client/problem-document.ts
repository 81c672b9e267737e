/** A problem document (RFC 9457) as it came; members that are not of their type are left out. */
export interface ProblemDocument {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly code?: string;
  readonly detail?: string;
  readonly [member: string]: unknown;
}

const TEXTS = ["type", "title", "code", "detail"];

/** Undefined for what is no JSON object. */
export function problemDocument(value: unknown): ProblemDocument | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter(([name, member]) => {
    if (TEXTS.includes(name)) return typeof member === "string";
    return name !== "status" || typeof member === "number";
  });
  return Object.fromEntries(entries);
}
