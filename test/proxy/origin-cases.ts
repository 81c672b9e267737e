// What an origin may do to us, one kind a row, and what a client and the origin have of it.
import type { FrontRequest } from "../support/front-client.ts";
import type { Step } from "../support/steered-origin.ts";

/** How connections are afterwards: the client's, and ours to the origin. */
type After =
  | "both kept"
  /** The origin's is closed. */
  | "front kept"
  /** The client's is closed, which tells it that the answer was cut. */
  | "back kept"
  | "none kept";

export interface OriginCase {
  readonly name: string;
  readonly steps: readonly Step[];
  /** See `FrontClient.ask`. */
  readonly outcome: string;
  readonly after: After;
  readonly request: FrontRequest;
  /** What an HTTP/2 client has, where that differs; its connection is always kept. False = not asked. */
  readonly h2: string | false | undefined;
  /** What the origin got as content. */
  readonly got: string | undefined;
  /** Whether the gateway waits for a moment only. */
  readonly impatient: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const five = `${OK}Content-Length: 5\r\n\r\nhello`;

type More = FrontRequest & { h2?: string | false; got?: string; impatient?: boolean };

function row(
  name: string,
  steps: string | readonly (Step | string | readonly Step[])[],
  outcome: string,
  after: After,
  { h2, got, impatient = false, ...request }: More = {},
): OriginCase {
  const list = typeof steps === "string" ? [steps] : steps.flat();
  const plan = list.map((step) => (typeof step === "string" ? { send: step } : step));
  const waits = impatient || list.includes(silence);
  return { name, steps: plan, outcome, after, request, h2, got, impatient: waits };
}

const end: Step = { end: true };
const reset: Step = { reset: true };
/** Several turns, in which what was sent is read. */
const pause: Step[] = Array.from({ length: 6 }, () => ({ wait: 5 }));
const silence: Step = { wait: 3_000 };
const read: Step = { read: true };

/** A text as steps of so many bytes. */
const drip = (text: string, size = 1): Step[] =>
  (text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []).flatMap((send) => [{ send }, { wait: 4 }]);

const post = (content: string): FrontRequest => ({ method: "POST", content });

/** An answer that ends in the midst of something, by FIN and by RST. */
function cuts(what: string, text: string, outcome: string, more: More = {}): OriginCase[] {
  const isBad = outcome.includes("502");
  const after: After = isBad ? "front kept" : "none kept";
  return [
    row(`closed ${what}`, [read, text, end], outcome, after, more),
    row(`reset ${what}`, [read, text, pause, reset], outcome, after, more),
  ];
}

const cut: OriginCase[] = [
  ...cuts("before anything", "", "502 reset"),
  ...cuts("in the version", "HTT", "502 reset"),
  ...cuts("in the status", "HTTP/1.1 20", "502 reset"),
  ...cuts("in the reason", "HTTP/1.1 200 O", "502 reset"),
  ...cuts("in a field name", `${OK}Conte`, "502 reset"),
  ...cuts("in a field value", `${OK}Content-Length: 5`, "502 reset"),
  ...cuts("before the empty line", `${OK}Content-Length: 5\r\n`, "502 reset"),
  ...cuts("in the empty line", `${OK}Content-Length: 5\r\n\r`, "502 reset"),
  ...cuts("behind a 103", "HTTP/1.1 103 Early Hints\r\n\r\n", "103 502 reset"),
  ...cuts("before content", `${OK}Content-Length: 5\r\n\r\n`, "200 cut"),
  ...cuts("in content", `${OK}Content-Length: 5\r\n\r\nhel`, "200 cut hel"),
  ...cuts("before the first chunk", CHUNKED, "200 cut"),
  ...cuts("in a chunk size", `${CHUNKED}1`, "200 cut"),
  ...cuts("in a chunk extension", `${CHUNKED}5;a=`, "200 cut"),
  ...cuts("behind a chunk size", `${CHUNKED}5\r\n`, "200 cut"),
  ...cuts("in a chunk", `${CHUNKED}5\r\nhel`, "200 cut hel"),
  ...cuts("behind a chunk", `${CHUNKED}5\r\nhello\r\n`, "200 cut hello"),
  ...cuts("in the last chunk", `${CHUNKED}5\r\nhello\r\n0`, "200 cut hello"),
  ...cuts("before trailers", `${CHUNKED}5\r\nhello\r\n0\r\n`, "200 cut hello"),
  ...cuts("in a trailer", `${CHUNKED}5\r\nhello\r\n0\r\nX-Sum: 1`, "200 cut hello"),
  ...cuts("behind a trailer", `${CHUNKED}5\r\nhello\r\n0\r\nX-Sum: 1\r\n`, "200 cut hello"),
];

const waits: OriginCase[] = [
  row("answers late", [{ wait: 60 }, five], "200 hello", "both kept"),
  row(
    "stops between head and content",
    [five.slice(0, -5), { wait: 60 }, "hello"],
    "200 hello",
    "both kept",
  ),
  row("drips its head", drip(five, 2), "200 hello", "both kept"),
  row(
    "drips its content",
    [`${OK}Content-Length: 9\r\n\r\n`, ...drip("slow drip")],
    "200 slow drip",
    "both kept",
  ),
  row(
    "drips chunks byte by byte",
    [CHUNKED, ...drip("2\r\nab\r\n1;x\r\nc\r\n0\r\nX: y\r\n\r\n")],
    "200 abc [X: y]",
    "both kept",
    { h2: "200 abc [x: y]" },
  ),
  row("never answers", [silence], "504 first_byte_timeout", "front kept"),
  row(
    "never ends its status line",
    ["HTTP/1.1 200", silence],
    "504 first_byte_timeout",
    "front kept",
  ),
  row(
    "drips a head without an end",
    [OK, ...drip("A: b\r\n".repeat(30), 1)],
    "504 first_byte_timeout",
    "front kept",
    { impatient: true },
  ),
  row(
    "stops behind a 102",
    ["HTTP/1.1 102 Processing\r\n\r\n", silence],
    "102 504 first_byte_timeout",
    "front kept",
  ),
  row(
    "never begins its content",
    [`${OK}Content-Length: 5\r\n\r\n`, silence],
    "200 cut",
    "none kept",
  ),
  row("never ends its content", [five.slice(0, -1), silence], "200 cut hell", "none kept"),
  row("never ends a chunk", [`${CHUNKED}5\r\nhe`, silence], "200 cut he", "none kept"),
  row(
    "never sends the last chunk",
    [`${CHUNKED}5\r\nhello\r\n`, silence],
    "200 cut hello",
    "none kept",
  ),
  row("never ends its trailers", [`${CHUNKED}0\r\nX: y\r\n`, silence], "200 cut", "none kept"),
];

const garbage: OriginCase[] = [
  row("speaks HTML only", "<html>hello</html>", "502 bad_response", "front kept"),
  row("speaks TLS", "\x15\x03\x01\x00\x02\x02\x46", "502 bad_response", "front kept"),
  row("speaks HTTP/2", "\0\0\0\x04\0\0\0\0\0", "502 bad_response", "front kept"),
  row("speaks SSH", "SSH-2.0-OpenSSH_9.7\r\n", "502 bad_response", "front kept"),
  row("sends zeros", "\0".repeat(64), "502 bad_response", "front kept"),
  row("begins with an empty line", `\r\n${five}`, "502 bad_response", "front kept"),
  row(
    "says HTTP/2.0",
    "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "502 bad_response",
    "front kept",
  ),
  row(
    "says http/1.1 in lower case",
    "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "502 bad_response",
    "front kept",
  ),
  row("says a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "502 bad_response", "front kept"),
  row("says a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "502 bad_response", "front kept"),
  row("says a status of letters", "HTTP/1.1 abc OK\r\n\r\n", "502 bad_response", "front kept"),
  row("says the status 000", "HTTP/1.1 000 OK\r\n\r\n", "502 bad_response", "front kept"),
  row("says the status 099", "HTTP/1.1 099 OK\r\n\r\n", "502 bad_response", "front kept"),
  row(
    "puts two spaces before the status",
    "HTTP/1.1  200 OK\r\n\r\n",
    "502 bad_response",
    "front kept",
  ),
  row("puts a NUL into the reason", "HTTP/1.1 200 O\0K\r\n\r\n", "502 bad_response", "front kept"),
  row(
    "puts a lone CR into the reason",
    "HTTP/1.1 200 O\rK\r\n\r\n",
    "502 bad_response",
    "front kept",
  ),
  row(
    "ends lines with LF",
    `${OK.replace("\r", "")}Content-Length: 0\n\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "folds a field",
    `${OK}X-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "puts a space before a colon",
    `${OK}Content-Length : 0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row("sends a field without a name", `${OK}: x\r\n\r\n`, "502 bad_response", "front kept"),
  row("sends a field without a colon", `${OK}hello\r\n\r\n`, "502 bad_response", "front kept"),
  row("puts a NUL into a field", `${OK}X-A: a\0b\r\n\r\n`, "502 bad_response", "front kept"),
  row(
    "puts a lone CR into a field",
    `${OK}X-A: a\rX-B: b\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
];

const lengths: OriginCase[] = [
  row(
    "repeats its length",
    `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "lists its length",
    `${OK}Content-Length: 5, 5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "gives a length below zero",
    `${OK}Content-Length: -5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "gives a length with a plus",
    `${OK}Content-Length: +5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "gives a length in hexadecimal",
    `${OK}Content-Length: 0x5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "gives an empty length",
    `${OK}Content-Length:\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "gives a length beyond all numbers",
    `${OK}Content-Length: ${"9".repeat(30)}\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "gives a length with zeros before it",
    `${OK}Content-Length: 0005\r\n\r\nhello`,
    "200 hello",
    "both kept",
  ),
  row(
    "gives a length and chunks",
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "codes twice",
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "chunks twice",
    `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "chunks before it codes",
    `${OK}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "chunks in capitals",
    `${OK}Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    "200 hello",
    "both kept",
  ),
  row(
    "names no coding",
    `${OK}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "chunks in HTTP/1.0",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends more than its length",
    `${OK}Content-Length: 5\r\n\r\nhello!`,
    "200 hello",
    "front kept",
  ),
  row(
    "sends a second answer unasked",
    five + five.replace("hello", "wrong"),
    "200 hello",
    "front kept",
  ),
  row(
    "sends a second answer unasked, later",
    [five, pause, five.replace("hello", "wrong"), pause],
    "200 hello",
    "front kept",
  ),
  row("closes where its length is", [five, end], "200 hello", "front kept"),
  row("resets behind its length", [five, pause, reset], "200 hello", "front kept"),
  row("closes where no length is", [`${OK}\r\nhello`, end], "200 hello", "front kept"),
  row("resets where no length is", [`${OK}\r\nhello`, pause, reset], "200 cut hello", "none kept"),
  row("closes without content where no length is", [`${OK}\r\n`, end], "200", "front kept"),
];

const chunks: OriginCase[] = [
  row(
    "extends chunks",
    `${CHUNKED}5;a;b=c;d="e;f"\r\nhello\r\n0;x\r\n\r\n`,
    "200 hello",
    "both kept",
  ),
  row(
    "extends chunks without an end",
    `${CHUNKED}5;${"a".repeat(1_000)}\r\nhello\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "extends chunks beyond all of them",
    CHUNKED + `1;${"a".repeat(200)}\r\nx\r\n`.repeat(200),
    "502 bad_response",
    "front kept",
  ),
  row(
    "sizes chunks in capitals",
    `${CHUNKED}A\r\n0123456789\r\n0\r\n\r\n`,
    "200 0123456789",
    "both kept",
  ),
  row(
    "sizes chunks with zeros before",
    `${CHUNKED}00005\r\nhello\r\n000\r\n\r\n`,
    "200 hello",
    "both kept",
  ),
  row(
    "sizes chunks beyond all numbers",
    `${CHUNKED}${"f".repeat(17)}\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sizes chunks below zero",
    `${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sizes chunks with 0x",
    `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "ends a chunk size with LF",
    `${CHUNKED}5\nhello\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row("ends a chunk with LF", `${CHUNKED}5\r\nhello\n0\r\n\r\n`, "502 bad_response", "front kept"),
  row(
    "sends more than its chunk",
    `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends bytes behind the last chunk",
    `${CHUNKED}5\r\nhello\r\n0\r\n\r\nmore`,
    "200 hello",
    "front kept",
  ),
  row("sends an empty chunked answer", `${CHUNKED}0\r\n\r\n`, "200", "both kept"),
  row(
    "sends allowed trailers",
    `${CHUNKED}5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n`,
    "200 hello [X-Sum: 7]",
    "both kept",
    { h2: "200 hello [x-sum: 7]" },
  ),
  row(
    "sends a length as a trailer",
    `${CHUNKED}5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends a coding as a trailer",
    `${CHUNKED}5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends a trailer that is no field",
    `${CHUNKED}5\r\nhello\r\n0\r\nhello\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends trailers without an end",
    [CHUNKED, pause, `0\r\n${"X-A: b\r\n".repeat(20_000)}`],
    "200 cut",
    "none kept",
  ),
];

/** What is wrong comes when the client has the head: it can only be cut then. */
const chunksLater: OriginCase[] = [
  row("sends a chunk size that is none, later", [CHUNKED, pause, "x\r\n"], "200 cut", "none kept"),
  row("ends a chunk size with LF, later", [CHUNKED, pause, "5\nhello"], "200 cut", "none kept"),
  row(
    "sends more than its chunk, later",
    [`${CHUNKED}5\r\nhello`, pause, "!\r\n"],
    "200 cut hello",
    "none kept",
  ),
  row(
    "sends a length as a trailer, later",
    [`${CHUNKED}5\r\nhello\r\n`, pause, "0\r\nContent-Length: 9\r\n\r\n"],
    "200 cut hello",
    "none kept",
  ),
];

const statuses: OriginCase[] = [
  row(
    "gives no reason",
    "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
    "200 hello",
    "both kept",
  ),
  row(
    "gives an empty reason",
    "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello",
    "200 hello",
    "both kept",
  ),
  row(
    "gives a reason of 8 bits",
    "HTTP/1.1 200 \xe9t\xe9\r\nContent-Length: 5\r\n\r\nhello",
    "200 hello",
    "both kept",
  ),
  row("answers 299", "HTTP/1.1 299 X\r\nContent-Length: 1\r\n\r\nx", "299 x", "both kept"),
  row("answers 418", "HTTP/1.1 418 X\r\nContent-Length: 1\r\n\r\nx", "418 x", "both kept"),
  row("answers 599", "HTTP/1.1 599 X\r\nContent-Length: 1\r\n\r\nx", "599 x", "both kept"),
  row(
    "answers 600",
    "HTTP/1.1 600 X\r\nContent-Length: 1\r\n\r\nx",
    "502 bad_response",
    "both kept",
  ),
  row(
    "answers 999",
    "HTTP/1.1 999 X\r\nContent-Length: 1\r\n\r\nx",
    "502 bad_response",
    "both kept",
  ),
  row(
    "answers 205 with content",
    "HTTP/1.1 205 X\r\nContent-Length: 1\r\n\r\nx",
    "205",
    "both kept",
  ),
  row(
    "answers 204 with a length",
    "HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n",
    "204",
    "both kept",
  ),
  row(
    "answers 204 with content",
    "HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\nhello",
    "204",
    "front kept",
  ),
  row(
    "answers 204 with chunks",
    "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "204",
    "front kept",
  ),
  row(
    "answers 304 with content",
    "HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\nhello",
    "304",
    "front kept",
  ),
  row(
    "answers 304 with a length",
    "HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n",
    "304",
    "both kept",
  ),
  row("answers HEAD with a length", `${OK}Content-Length: 5\r\n\r\n`, "200", "both kept", {
    method: "HEAD",
  }),
  row("answers HEAD with content", five, "200", "front kept", { method: "HEAD" }),
  row("answers HEAD with chunks", `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`, "200", "front kept", {
    method: "HEAD",
  }),
  row("answers HEAD without a length", `${OK}\r\n`, "200", "both kept", { method: "HEAD" }),
  row(
    "answers HTTP/1.0",
    ["HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", end],
    "200 hello",
    "front kept",
  ),
  row(
    "answers HTTP/1.0 and keeps alive",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
    "200 hello",
    "both kept",
  ),
  row(
    "answers HTTP/1.9",
    "HTTP/1.9 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "200 hello",
    "both kept",
  ),
];

const informs: OriginCase[] = [
  row("sends a 100 unasked", `HTTP/1.1 100 Continue\r\n\r\n${five}`, "200 hello", "both kept"),
  row(
    "sends 102 and 103",
    `HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nLink: </a>\r\n\r\n${five}`,
    "102 103 200 hello",
    "both kept",
  ),
  row("sends a 199", `HTTP/1.1 199 X\r\n\r\n${five}`, "199 200 hello", "both kept"),
  row(
    "sends a 103 with a length",
    `HTTP/1.1 103 X\r\nContent-Length: 5\r\n\r\n${five}`,
    "103 200 hello",
    "both kept",
  ),
  row(
    "sends a storm of 100s",
    "HTTP/1.1 100 C\r\n\r\n".repeat(100),
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends 32 of 103",
    "HTTP/1.1 103 E\r\n\r\n".repeat(32) + five,
    `${"103 ".repeat(32)}200 hello`,
    "both kept",
  ),
  row(
    "sends a 101 unasked",
    "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "502 bad_upgrade",
    "front kept",
  ),
  row(
    "sends a 101 to h2c unasked",
    "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    "502 bad_upgrade",
    "front kept",
  ),
  row("sends a 101 without a protocol", "HTTP/1.1 101 S\r\n\r\n", "502 bad_upgrade", "front kept"),
  row(
    "sends a 101 with content",
    `HTTP/1.1 101 S\r\nContent-Length: 5\r\n\r\nhello`,
    "502 bad_upgrade",
    "front kept",
  ),
];

const heads: OriginCase[] = [
  row(
    "sends a head of 60 kB",
    `${OK}X-A: ${"a".repeat(60_000)}\r\nContent-Length: 5\r\n\r\nhello`,
    "200 hello",
    "both kept",
    { h2: false },
  ),
  row(
    "sends a head of 70 kB",
    `${OK}X-A: ${"a".repeat(70_000)}\r\nContent-Length: 5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends 200 fields",
    `${OK}${"X-A: b\r\n".repeat(199)}Content-Length: 5\r\n\r\nhello`,
    "200 hello",
    "both kept",
  ),
  row(
    "sends 201 fields",
    `${OK}${"X-A: b\r\n".repeat(200)}Content-Length: 5\r\n\r\nhello`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends a reason of 70 kB",
    `HTTP/1.1 200 ${"a".repeat(70_000)}\r\n\r\n`,
    "502 bad_response",
    "front kept",
  ),
  row(
    "sends fields of 8 bits",
    `${OK}X-A: \xe9\xff\r\nContent-Length: 5\r\n\r\nhello`,
    "200 hello",
    "both kept",
  ),
  row(
    "sends empty fields",
    `${OK}X-A:\r\nX-B: \t \r\nContent-Length: 5\r\n\r\nhello`,
    "200 hello",
    "both kept",
  ),
  row(
    "lists Content-Length in Connection",
    `${OK}Connection: content-length\r\nContent-Length: 5\r\n\r\nhello`,
    "200 hello",
    "both kept",
  ),
];

const keeping: OriginCase[] = [
  row(
    "says close and closes",
    [`${OK}Connection: close\r\nContent-Length: 5\r\n\r\nhello`, end],
    "200 hello",
    "front kept",
  ),
  row(
    "says close and does not",
    `${OK}Connection: close\r\nContent-Length: 5\r\n\r\nhello`,
    "200 hello",
    "front kept",
  ),
  row(
    "says both close and keep-alive",
    `${OK}Connection: keep-alive, close\r\nContent-Length: 5\r\n\r\nhello`,
    "200 hello",
    "front kept",
  ),
  row(
    "says keep-alive and closes",
    [
      `${OK}Connection: keep-alive\r\nKeep-Alive: timeout=99\r\nContent-Length: 5\r\n\r\nhello`,
      end,
    ],
    "200 hello",
    "front kept",
  ),
  row("closes its side and goes on", [end, five], "502 reset", "front kept"),
  row(
    "sends all and closes its side behind chunks",
    [`${CHUNKED}5\r\nhello\r\n0\r\n\r\n`, end],
    "200 hello",
    "front kept",
  ),
  row("closes in a 102", ["HTTP/1.1 102 Processing\r\n", end], "502 reset", "front kept"),
];

const uploads: OriginCase[] = [
  row("takes content", [read, five], "200 hello", "both kept", { ...post("abc"), got: "abc" }),
  row("answers before content", [five, read], "200 hello", "both kept", {
    ...post("abc"),
    got: "abc",
  }),
  row(
    "refuses with 413 while content comes",
    "HTTP/1.1 413 X\r\nContent-Length: 2\r\n\r\nno",
    "413 no",
    "none kept",
    { ...post("x".repeat(1_000)), sends: 100 },
  ),
  row(
    "refuses with 401 and closes while content comes",
    ["HTTP/1.1 401 X\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", end],
    "401 no",
    "none kept",
    { ...post("x".repeat(1_000)), sends: 100 },
  ),
  row(
    "refuses in chunks while content comes",
    "HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    "400 no",
    "none kept",
    { ...post("x".repeat(1_000)), sends: 100 },
  ),
  row("closes while content comes", [pause, end], "502 reset", "none kept", {
    ...post("x".repeat(1_000)),
    sends: 100,
  }),
  row("resets while content comes", [pause, reset], "502 reset", "none kept", {
    ...post("x".repeat(1_000)),
    sends: 100,
  }),
  row("sends garbage while content comes", "hello", "502 bad_response", "none kept", {
    ...post("x".repeat(1_000)),
    sends: 100,
  }),
  row(
    "sends a 103 while content comes, then refuses",
    ["HTTP/1.1 103 E\r\n\r\n", pause, "HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n"],
    "103 403",
    "none kept",
    { ...post("x".repeat(1_000)), sends: 100 },
  ),
  row("is given an empty content", [read, five], "200 hello", "both kept", {
    ...post(""),
    got: "",
  }),
];

export const originCases: readonly OriginCase[] = [
  ...cut,
  ...waits,
  ...garbage,
  ...lengths,
  ...chunks,
  ...chunksLater,
  ...statuses,
  ...informs,
  ...heads,
  ...keeping,
  ...uploads,
];
