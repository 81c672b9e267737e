import { defaultFieldLimits, parseUrlEncoded } from "../../http/form-urlencoded.ts";
import { essenceOf } from "../../http/media-type.ts";
import type { MultipartLimits } from "../../http/multipart-limits.ts";
import { latin1 } from "../../runtime/bytes.ts";
import { HttpError } from "../errors.ts";
import type { Source } from "../../wire/source.ts";
import { readAll } from "../../wire/source.ts";
import { asHttpError } from "./as-http-error.ts";
import { MultipartForm } from "./multipart-form.ts";

/** What a form that is read into memory may hold unless a handler says otherwise. */
export const MAX_FORM_BYTES = 10 * 1024 * 1024;

/**
 * Reads a whole form, `multipart/form-data` or `application/x-www-form-urlencoded`, into memory. Files are web
 * `File`s with a safe name; file controls that were left empty are not there.
 * @param limits `totalBytes` is 10 MiB if left out; larger forms are for {@link MultipartForm}
 * @throws HttpError 400 when it is malformed, 413 over a limit, 415 for another type
 */
export async function readForm(
  source: Source,
  contentType: string | null,
  limits: Partial<MultipartLimits> = {},
): Promise<FormData> {
  const totalBytes = limits.totalBytes ?? MAX_FORM_BYTES;
  const essence = contentType === null ? "" : essenceOf(contentType);
  if (essence === "multipart/form-data") {
    return readMultipart(new MultipartForm(source, contentType, { ...limits, totalBytes }));
  }
  if (essence !== "application/x-www-form-urlencoded") {
    source.cancel();
    const message = "Send a form: multipart/form-data or application/x-www-form-urlencoded.";
    throw new HttpError(415, "form_expected", message);
  }
  const bytes = await readAll(source, totalBytes).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    throw new HttpError(413, "form_too_large", `A form may have at most ${totalBytes} bytes.`);
  });
  const form = new FormData();
  try {
    for (const [name, value] of parseUrlEncoded(latin1(bytes, 0, bytes.byteLength), {
      fields: limits.fields ?? defaultFieldLimits.fields,
      nameBytes: limits.nameBytes ?? defaultFieldLimits.nameBytes,
      valueBytes: limits.fieldBytes ?? defaultFieldLimits.valueBytes,
    })) {
      form.append(name, value);
    }
  } catch (error) {
    throw asHttpError(error);
  }
  return form;
}

async function readMultipart(parts: MultipartForm): Promise<FormData> {
  const form = new FormData();
  for await (const part of parts) {
    if (part.filename === undefined) {
      form.append(part.name, await part.text());
      continue;
    }
    const bytes = (await part.bytes()) as Uint8Array<ArrayBuffer>;
    if (part.filename === "" && bytes.byteLength === 0) continue;
    form.append(part.name, new File([bytes], part.filename || "file", { type: part.type }));
  }
  return form;
}
