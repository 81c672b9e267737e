/** Values by name: a text, or a list where a name came more than once. */
export type Fields = Record<string, string | string[]>;

/**
 * Pairs as an object to validate. It has no prototype and no key `__proto__` (such a field is left out), so
 * that neither it nor what it is copied into can be given another prototype.
 */
export function fieldsFrom(pairs: Iterable<readonly [name: string, value: string]>): Fields {
  const fields = Object.create(null) as Fields;
  for (const [name, value] of pairs) {
    if (name === "__proto__") continue;
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (typeof known === "string") fields[name] = [known, value];
    else known.push(value);
  }
  return fields;
}
