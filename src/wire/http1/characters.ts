/** Character classes of RFC 9110 5.5–5.6 and RFC 9112 3, one table look-up a byte. */

/** `tchar`: methods and field names. */
export const isToken = table((code) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)),
);

/** What a field value may hold: visible characters, space, tab and obs-text. */
export const isFieldValue = table(
  (code) => code === 0x09 || (code >= 0x20 && code <= 0x7e) || code >= 0x80,
);

/** What a request target may hold here: visible ASCII but `#`, and obs-text, which the path rules escape. */
export const isTarget = table(
  (code) => (code > 0x20 && code < 0x7f && code !== 0x23) || code >= 0x80,
);

function table(member: (code: number) => boolean): Uint8Array {
  const classes = new Uint8Array(256);
  for (let code = 0; code < 256; code++) classes[code] = member(code) ? 1 : 0;
  return classes;
}
