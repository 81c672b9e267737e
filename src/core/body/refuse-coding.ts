import { HeaderList } from "../../http/header-list.ts";
import { HttpError } from "../errors.ts";

/**
 * Refuses a body that is compressed where its content is to be read: nothing here decodes one.
 * @throws HttpError 415 with what is taken (RFC 9110 12.5.3)
 */
export function refuseCoding(headers: HeaderList): void {
  const coding = headers.joined("content-encoding");
  if (coding === null || /^(?:identity)?$/i.test(coding)) return;
  throw new HttpError(
    415,
    "unsupported_content_coding",
    "Send the body as it is, without a Content-Encoding.",
    new HeaderList(["Accept-Encoding", "identity"]),
  );
}
