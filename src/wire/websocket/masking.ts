/** Below this many bytes setting a view up costs more than it saves. */
const WORDS_FROM = 48;

const key = new Uint8Array(4);
const keyWord = new Uint32Array(key.buffer);

/**
 * Applies a masking key (RFC 6455 5.3) to bytes in place, four at a time; applying it again takes it off.
 * @param mask the key as it stands on the wire, big-endian
 * @param phase how many bytes of the payload came before these
 */
export function applyMask(bytes: Uint8Array, mask: number, phase = 0): void {
  for (let i = 0; i < 4; i++) key[i] = mask >>> (24 - (((phase + i) & 3) << 3));
  const length = bytes.byteLength;
  let at = 0;
  if (length >= WORDS_FROM) {
    // A view of words begins at a multiple of four in the underlying buffer.
    const lead = -bytes.byteOffset & 3;
    for (; at < lead; at++) bytes[at] = (bytes[at] as number) ^ (key[at] as number);
    rotateKey(lead);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + lead, (length - lead) >>> 2);
    const word = keyWord[0] as number;
    for (let i = 0; i < words.length; i++) words[i] = (words[i] as number) ^ word;
    const done = lead + (words.length << 2);
    for (at = done; at < length; at++) {
      bytes[at] = (bytes[at] as number) ^ (key[(at - done) & 3] as number);
    }
    return;
  }
  for (; at < length; at++) bytes[at] = (bytes[at] as number) ^ (key[at & 3] as number);
}

function rotateKey(by: number): void {
  for (let i = 0; i < by; i++) {
    const first = key[0] as number;
    key.copyWithin(0, 1);
    key[3] = first;
  }
}
