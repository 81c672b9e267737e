import { HeaderList } from "../http/header-list.ts";

/**
 * What frames, routes or authenticates a request, or says where it is from: trailers are the client's word alone,
 * and there are servers that take them for fields of the head (RFC 9110 6.5.1).
 */
const REFUSED =
  /^(?:transfer-encoding|content-.*|host|trailer|connection|keep-alive|te|upgrade|expect|authorization|proxy-.*|cookie|forwarded|via|x-forwarded-.*|x-real-ip)$/i;

/** The trailer fields of a request that go on to a backend; undefined when there are none. */
export function trailerFields(trailers: HeaderList | undefined): HeaderList | undefined {
  if (trailers === undefined) return undefined;
  const { flat } = trailers;
  const kept: string[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (!REFUSED.test(name.replaceAll("_", "-"))) kept.push(name, flat[i + 1] as string);
  }
  return kept.length === 0 ? undefined : new HeaderList(kept);
}
