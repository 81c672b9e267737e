/** Read by nobody; that it is written keeps compilers from leaving the look at the text out. */
let seen = 0;

/**
 * A text that is kept and used again and again, as one piece. What `+` and templates put together is a tree of its
 * parts until somebody looks into it, and copying it into a longer text does not count: the tree would be walked
 * each time, which takes as long as all else about a short head.
 */
export function onePiece(text: string): string {
  seen ^= text.charCodeAt(text.length - 1);
  return text;
}
