/**
 * Whether a field is the one named `lower`, in whatever case it was sent (RFC 9110 5.1). It compares instead of
 * making a lower-case copy, as every field of every message is asked for several names.
 * @param name a token, as parsers take no other
 * @param lower of lower-case letters, digits and "-", as all names that are asked for by name are
 */
export function isField(name: string, lower: string): boolean {
  return name.length === lower.length && isFieldAt(name, 0, lower);
}

/** The same of the name that begins in `text` at `at` and is as long as `lower`. */
export function isFieldAt(text: string, at: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    // No other character of a token becomes a letter, a digit or "-" by this bit.
    if ((text.charCodeAt(at + i) | 0x20) !== lower.charCodeAt(i)) return false;
  }
  return true;
}
