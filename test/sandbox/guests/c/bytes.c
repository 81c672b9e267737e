// Blocks of bytes: moved over each other, compared, packed by runs and by distance.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint8_t source[150000], packed[300000], back[150000];

static uint32_t crc(const uint8_t *p, size_t n) {
  uint32_t c = ~0u;
  while (n--) {
    c ^= *p++;
    for (int k = 0; k < 8; k++) c = c >> 1 ^ (0xedb88320 & -(c & 1));
  }
  return ~c;
}

int main(void) {
  uint32_t x = 7;
  for (size_t i = 0; i < sizeof source; i++) {
    x = x * 1103515245 + 12345;
    source[i] = i % 1000 < 600 ? (x >> 28) : source[i - 600 + (i % 7)];
  }
  size_t n = 0;
  for (size_t i = 0; i < sizeof source;) {
    size_t best = 0, where = 0;
    for (size_t back = 590; back < 610 && back <= i; back++) {
      size_t same = 0;
      while (same < 255 && i + same < sizeof source && source[i + same] == source[i - back + same])
        same++;
      if (same > best) best = same, where = back;
    }
    if (best > 3) {
      packed[n++] = best, packed[n++] = where & 255, packed[n++] = where >> 8, i += best;
    } else packed[n++] = 0, packed[n++] = source[i++];
  }
  size_t m = 0;
  for (size_t i = 0; i < n;) {
    if (packed[i] == 0) back[m++] = packed[i + 1], i += 2;
    else {
      size_t from = m - (packed[i + 1] | packed[i + 2] << 8);
      for (int k = 0; k < packed[i]; k++) back[m++] = back[from++];
      i += 3;
    }
  }
  printf("%zu %d %08x", n, memcmp(source, back, sizeof source), crc(packed, n));
  memmove(back + 1000, back, 140000);
  memmove(back, back + 35000, 110000);
  memset(back + 5000, 0xaa, 90000);
  memcpy(back + 75000, source, 70000);
  printf(" %08x\n", crc(back, sizeof back));
  return 0;
}
