/**
 * Which of `offers` an `Accept` field likes best (RFC 9110 12.5.1); the earlier offer where it likes several
 * equally, or where there is no field.
 * @param offers media types without parameters, in lower case
 * @returns undefined when it accepts none of them
 */
export function preferredType<T extends string>(
  field: string | undefined | null,
  offers: readonly T[],
): T | undefined {
  if (field === undefined || field === null || field.trim() === "") return offers[0];
  const members = field.split(",").map(parseMember);
  let best: T | undefined;
  let bestWeight = 0;
  for (const offer of offers) {
    const weight = weightOf(offer, members);
    if (weight > bestWeight) {
      best = offer;
      bestWeight = weight;
    }
  }
  return best;
}

interface Member {
  readonly type: string;
  readonly weight: number;
}

function parseMember(text: string): Member {
  const [type = "", ...parameters] = text.split(";");
  let weight = 1;
  for (const parameter of parameters) {
    const found = /^[ \t]*q=(\d(?:\.\d{0,3})?)[ \t]*$/i.exec(parameter);
    if (found !== null) weight = Math.min(1, Number(found[1]));
  }
  return { type: type.trim().toLowerCase(), weight };
}

/** The most specific range decides. */
function weightOf(offer: string, members: readonly Member[]): number {
  const group = `${offer.slice(0, offer.indexOf("/"))}/*`;
  for (const range of [offer, group, "*/*"]) {
    const found = members.find((member) => member.type === range);
    if (found !== undefined) return found.weight;
  }
  return 0;
}
