// SIMD and bulk memory as AssemblyScript has them.
export function run(): string {
  const size: usize = 4096;
  const data = memory.data(4096, 16);
  const copy = memory.data(4096, 16);
  for (let i: usize = 0; i < size; i++) store<u8>(data + i, ((i * 31 + (i >> 3)) & 255) as u8);
  memory.copy(copy, data, size);
  memory.copy(copy + 100, copy, size - 200);
  memory.fill(copy + 1000, 0x5a, 500);
  let sum = i32x4.splat(0);
  for (let i: usize = 0; i < size; i += 16) {
    const a = v128.load(data + i);
    const b = v128.load(copy + i);
    sum = i32x4.add(
      sum,
      v128.xor(
        i32x4.mul(a, b),
        i8x16.shuffle(a, b, 0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31),
      ),
    );
    sum = v128.bitselect(sum, i16x8.add_sat_s(sum, b), i8x16.gt_s(a, b));
  }
  return `${i32x4.extract_lane(sum, 0)} ${i32x4.extract_lane(sum, 1)} ${i32x4.extract_lane(sum, 2)} ${i32x4.extract_lane(sum, 3)}`;
}
