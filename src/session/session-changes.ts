/** The values of a session by key, each as JSON, so that a change is seen wherever it was made. */
export type JsonValues = ReadonlyMap<string, string>;

/** What a request did to a session. */
export interface SessionChanges {
  readonly set: JsonValues;
  readonly removed: readonly string[];
}

/** Values as they are kept. @throws TypeError for one that JSON cannot hold */
export function toJsonValues(data: object): JsonValues {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) {
      throw new TypeError(`session.data.${key} is a ${typeof value}: a session holds JSON`);
    }
    values.set(key, json);
  }
  return values;
}

/** What has become of `before`. */
export function changesBetween(before: JsonValues, after: JsonValues): SessionChanges {
  const set = new Map<string, string>();
  for (const [key, json] of after) if (before.get(key) !== json) set.set(key, json);
  return { set, removed: [...before.keys()].filter((key) => !after.has(key)) };
}

/** Another request's values with the changes of this one: of the same key the last save wins. */
export function withChanges(values: JsonValues, { set, removed }: SessionChanges): JsonValues {
  const result = new Map(values);
  for (const key of removed) result.delete(key);
  for (const [key, json] of set) result.set(key, json);
  return result;
}

/** One JSON object. */
export function writeValues(values: JsonValues): string {
  return `{${[...values].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
}

/** An object without a prototype, so that no key of it means anything else. */
export function readData(text: string): Record<string, unknown> {
  const data = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(JSON.parse(text) as object)) data[key] = value;
  return data;
}
