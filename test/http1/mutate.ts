import type { Random } from "../support/random.ts";

const pieces = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  " ",
  "\t",
  "\0",
  ":",
  ",",
  ";",
  "%",
  "%2f",
  "..",
  "//",
  "chunked",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 0\r\n",
  "Host: b\r\n",
  "Connection: close\r\n",
  "Connection: keep-alive\r\n",
  "Expect: 100-continue\r\n",
  "X: y\r\n",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "1;a=b\r\nx\r\n",
  '1 ; a = "b\\"c" ;d\r\nx\r\n',
  '"',
  "=",
  "ffff",
  "HTTP/1.0",
  "HTTP/1.1",
  "GET / ",
  "\xff",
];

/** Changes a message a little; most results still have a head that parses. */
export function mutate(text: string, random: Random): string {
  let result = text;
  // A third passes unchanged but for what follows it.
  for (let i = random.below(3); i > 0; i--) result = mutateOnce(result, random);
  if (random.below(4) === 0) result += text;
  return result;
}

function mutateOnce(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const length = random.below(8) + 1;
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + random.pick(pieces) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + length);
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    case 4:
      return insertLine(text, random);
    case 5:
      return text.slice(0, at);
    default:
      return text.replace(/\d/, String(random.below(20)));
  }
}

/** A whole field in a place where fields are. */
function insertLine(text: string, random: Random): string {
  const end = text.indexOf("\r\n");
  if (end < 0) return text;
  return `${text.slice(0, end + 2)}${random.pick(pieces.filter((piece) => piece.includes(": ")))}${text.slice(end + 2)}`;
}
