import { exchangeRaw } from "./raw-client.ts";

export interface RawRequest {
  method: string;
  target: string;
  fields: readonly string[];
  body: string;
}

/** Sends a request, and tells what came back: everything, up to the end of the connection. */
export async function askRaw(port: number, request: Partial<RawRequest> = {}): Promise<string> {
  const { method = "GET", target = "/", fields = [], body = "" } = request;
  const lines = [`${method} ${target} HTTP/1.1`, "Host: a.example", ...fields, "Connection: close"];
  const raw = `${lines.join("\r\n")}\r\n\r\n${body}`;
  const { text } = await exchangeRaw(port, raw, { quietMs: 5_000 });
  return text;
}

/** Status, framing and content of an answer, in short; for a problem its status and code. */
export function short(answer: string): string {
  const end = answer.indexOf("\r\n\r\n");
  const head = answer.slice(0, end);
  const status = head.slice(9, 12);
  const framing =
    /^content-length: (\d+)$/im.exec(head)?.[1] ?? (/chunked/i.test(head) ? "chunked" : "close");
  const body = answer.slice(end + 4);
  const code = /"code":"(\w+)"/.exec(body)?.[1];
  return `${status} ${code ?? `${framing} ${body.replaceAll("\r\n", "|")}`}`;
}
