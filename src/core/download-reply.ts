import { HeaderList } from "../http/header-list.ts";
import { safeFilename } from "../http/safe-filename.ts";
import { Reply } from "./reply.ts";
import type { Source } from "../wire/source.ts";
import { sourceFrom } from "../wire/source.ts";

/**
 * A reply that browsers save under a name (RFC 6266). Names in any script are sent as RFC 8187 has it, with a
 * plain one for old clients.
 * @throws TypeError for a type that no header may carry
 */
export function downloadReply(
  body: string | Uint8Array | Source | AsyncIterable<string | Uint8Array>,
  filename: string,
  type = "application/octet-stream",
): Reply {
  const name = safeFilename(filename) || "download";
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const extended = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const disposition = `attachment; filename="${plain}"${plain === name ? "" : `; filename*=UTF-8''${extended}`}`;
  const headers = HeaderList.from([
    ["Content-Type", type],
    ["Content-Disposition", disposition],
  ]);
  const iterable = typeof body === "object" && !(body instanceof Uint8Array) && !("pull" in body);
  return new Reply(iterable ? sourceFrom(body) : body, 200, headers);
}
