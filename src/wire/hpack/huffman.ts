/**
 * The Huffman code of RFC 7541 appendix B. It is canonical, so the length of each symbol's code (in base 36,
 * by symbol, EOS last) is all there is to know.
 */
const LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad677777777777777777777" +
  "77878djde6f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmo" +
  "lmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu";
const EOS = 256;

/** A binary tree in an array: two slots a node, each a node's index, or the complement of a symbol. */
const tree = buildTree();

function buildTree(): Int16Array {
  const symbols = Array.from({ length: EOS + 1 }, (_, symbol) => ({
    symbol,
    bits: Number.parseInt(LENGTHS[symbol] as string, 36),
  }));
  symbols.sort((a, b) => a.bits - b.bits || a.symbol - b.symbol);
  const nodes = new Int16Array(2 * 300);
  let used = 1;
  let code = 0;
  let length = 0;
  for (const { symbol, bits } of symbols) {
    code <<= bits - length;
    length = bits;
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit--) {
      const slot = node * 2 + ((code >>> bit) & 1);
      if (nodes[slot] === 0) nodes[slot] = used++;
      node = nodes[slot] as number;
    }
    nodes[node * 2 + (code & 1)] = ~symbol;
    code++;
  }
  return nodes;
}

/** Decodes bytes `from` to `to`, one char a byte. @returns undefined when they are no valid code (RFC 7541 5.2) */
export function decodeHuffman(bytes: Uint8Array, from: number, to: number): string | undefined {
  let text = "";
  let node = 0;
  /** Bits since the last symbol, and whether all were ones: what padding must be. */
  let open = 0;
  let ones = true;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    for (let bit = 7; bit >= 0; bit--) {
      const set = (byte >>> bit) & 1;
      const next = tree[node * 2 + set] as number;
      if (next < 0) {
        if (~next === EOS) return undefined;
        text += String.fromCharCode(~next);
        node = 0;
        open = 0;
        ones = true;
      } else {
        node = next;
        open++;
        if (set === 0) ones = false;
      }
    }
  }
  return open < 8 && ones ? text : undefined;
}
