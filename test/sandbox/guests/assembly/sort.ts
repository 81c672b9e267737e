// Sorting, maps and strings of AssemblyScript's library.
export function run(): string {
  const words: string[] = [];
  let x: u32 = 12345;
  for (let i = 0; i < 400; i++) {
    x = x * 1664525 + 1013904223;
    words.push((x >> 12).toString(36));
  }
  words.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const lengths = new Map<i32, i32>();
  for (let i = 0; i < words.length; i++) {
    const length = words[i].length;
    lengths.set(length, (lengths.has(length) ? lengths.get(length) : 0) + 1);
  }
  let result = words.slice(0, 30).join(",").toUpperCase();
  const keys = lengths.keys();
  for (let i = 0; i < keys.length; i++) result += ` ${keys[i]}:${lengths.get(keys[i])}`;
  return result;
}
