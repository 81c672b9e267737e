/** Values by name: one, or a list where a name came more than once. */
export type Fields<V extends string | File = string> = Record<string, V | V[]>;

/**
 * Pairs, such as a query or a `FormData`, as an object to validate. It has no prototype and no key `__proto__`
 * (such a field is left out), so that neither it nor what it is copied into can be given another prototype.
 */
export function fieldsFrom<V extends string | File>(
  pairs: Iterable<readonly [name: string, value: V]>,
): Fields<V> {
  const fields = Object.create(null) as Fields<V>;
  for (const [name, value] of pairs) {
    if (name === "__proto__") continue;
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (Array.isArray(known)) known.push(value);
    else fields[name] = [known, value];
  }
  return fields;
}
