import type { ParameterizedValue } from "./form-parameters.ts";
import { decodeExtendedValue, parseParameters } from "./form-parameters.ts";
import { HeaderList, TOKEN } from "./header-list.ts";
import { RequestProblem } from "./request-problem.ts";
import { safeFilename } from "./safe-filename.ts";
import { trimOws } from "./trim-ows.ts";

/** What a part says of itself. Nothing of it is checked against its content. */
export interface PartHead {
  /** The name of the form's control. */
  readonly name: string;
  /** Safe for any file system ({@link safeFilename}); "" where a form's file control was left empty, undefined for a field. */
  readonly filename: string | undefined;
  /** The file name as the client sent it: for showing, escaped, and never for a path. */
  readonly rawFilename: string | undefined;
  /** Media type in lower case without parameters; `text/plain` for a field and `application/octet-stream` for a file that has none (RFC 7578 4.4). */
  readonly type: string;
  /** As declared, in lower case. */
  readonly charset: string | undefined;
  readonly headers: HeaderList;
}

const MAX_HEADERS = 32;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const ESSENCE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads the header section of a part of `multipart/form-data` (RFC 7578 4).
 * @param bytes lines that each end in CRLF, without the empty one
 * @throws RequestProblem 400, or 413 for a name over `nameBytes`
 */
export function parsePartHead(bytes: Uint8Array, nameBytes: number): PartHead {
  const headers = parseFields(bytes);
  const disposition = single(headers, "content-disposition");
  const parsed = disposition === undefined ? undefined : parseParameters(disposition);
  const name = parsed?.parameters.get("name");
  if (parsed?.value !== "form-data" || name === undefined) {
    throw bad(
      "multipart_disposition",
      'Every part needs "Content-Disposition: form-data" with one name (RFC 7578 4.2).',
    );
  }
  refuseEncoding(headers);
  const raw = rawFilename(parsed);
  const own = { name: fromForm(name), raw: raw === undefined ? undefined : fromForm(raw) };
  for (const text of [own.name, own.raw ?? ""]) {
    if (encoder.encode(text).byteLength > nameBytes) {
      throw new RequestProblem(
        413,
        "multipart_name_too_long",
        `A part's name may have at most ${nameBytes} bytes.`,
      );
    }
  }
  const type = parseType(headers);
  return {
    name: own.name,
    filename: own.raw === undefined || own.raw === "" ? own.raw : safeFilename(own.raw),
    rawFilename: own.raw,
    type: type?.value ?? (raw === undefined ? "text/plain" : "application/octet-stream"),
    charset: type?.parameters.get("charset")?.toLowerCase(),
    headers,
  };
}

function parseFields(bytes: Uint8Array): HeaderList {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw bad("multipart_header_not_utf8", "The headers of a part must be UTF-8 (RFC 7578 5.1).");
  }
  const lines = text.split("\r\n");
  lines.pop();
  if (lines.length > MAX_HEADERS) {
    throw bad("multipart_header", `A part may have at most ${MAX_HEADERS} headers.`);
  }
  const flat: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    // A folded line begins with a space and so has no valid name.
    // oxlint-disable-next-line no-control-regex
    if (!TOKEN.test(name) || /[\0\r\n]/.test(line)) {
      throw bad("multipart_header", "A part has a malformed header line (RFC 2046 5.1).");
    }
    flat.push(name, trimOws(line.slice(colon + 1)));
  }
  return new HeaderList(flat);
}

/** Two of a kind would be read differently by different readers. */
function single(headers: HeaderList, name: string): string | undefined {
  const values = headers.getAll(name);
  if (values.length > 1) throw bad("multipart_header", `A part has more than one ${name}.`);
  return values[0];
}

/** RFC 7578 4.7: nothing is encoded for the transport any more; what claims to be must not pass as it stands. */
function refuseEncoding(headers: HeaderList): void {
  const encoding = single(headers, "content-transfer-encoding");
  if (encoding === undefined || /^(?:7bit|8bit|binary)$/i.test(encoding)) return;
  throw bad(
    "multipart_transfer_encoding",
    "Send parts as they are, without a Content-Transfer-Encoding (RFC 7578 4.7).",
  );
}

/** `filename*` (RFC 8187) wins where it is valid; RFC 7578 forbids it, and clients send it. */
function rawFilename({ parameters }: ParameterizedValue): string | undefined {
  const extended = parameters.get("filename*");
  const decoded = extended === undefined ? undefined : decodeExtendedValue(extended);
  return decoded ?? parameters.get("filename");
}

/** The three characters that a form escapes so in names (HTML 4.10.22.8), and no others. */
function fromForm(name: string): string {
  return name.includes("%")
    ? name.replace(/%22|%0D|%0A/gi, (escape) => decodeURIComponent(escape))
    : name;
}

function parseType(headers: HeaderList): ParameterizedValue | undefined {
  const field = single(headers, "content-type");
  if (field === undefined || field === "") return undefined;
  const parsed = parseParameters(field);
  if (parsed !== undefined && ESSENCE.test(parsed.value)) return parsed;
  throw bad("multipart_header", "A part has a malformed Content-Type.");
}

function bad(code: string, message: string): RequestProblem {
  return new RequestProblem(400, code, message);
}
