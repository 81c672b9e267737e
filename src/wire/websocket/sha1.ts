/**
 * SHA-1 (FIPS 180-4), for the handshake only, which asks for it (RFC 6455 4.2.2): Web Crypto's would make
 * every upgrade wait a turn. Not for anything that needs a strong hash.
 */
export function sha1(bytes: Uint8Array): Uint8Array {
  const size = bytes.byteLength;
  const padded = new Uint8Array(((size + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[size] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.byteLength - 8, Math.floor(size / 2 ** 29));
  view.setUint32(padded.byteLength - 4, size << 3);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const words = new Int32Array(80);
  for (let block = 0; block < padded.byteLength; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + i * 4);
    for (let i = 16; i < 80; i++) {
      const mixed =
        (words[i - 3] as number) ^
        (words[i - 8] as number) ^
        (words[i - 14] as number) ^
        (words[i - 16] as number);
      words[i] = rotate(mixed, 1);
    }
    mix(state, words);
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (let i = 0; i < 5; i++) digest.setInt32(i * 4, state[i] as number);
  return new Uint8Array(digest.buffer);
}

function mix(state: Int32Array, words: Int32Array): void {
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
  for (let i = 0; i < 80; i++) {
    let chosen: number;
    if (i < 20) chosen = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40) chosen = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) chosen = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else chosen = (b ^ c ^ d) + 0xca62c1d6;
    const next = (rotate(a, 5) + chosen + e + (words[i] as number)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
