/**
 * Text without the optional white space around it (RFC 9110 5.6.3): spaces and tabs only, as `String.trim` would
 * take the bytes of other characters too. A loop, since an expression that looks for white space at the end
 * begins again at each space within, and the time it takes grows with their square.
 */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
