// A heap that grows: many pieces of many sizes, moved and freed out of order.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t seed = 1;
static uint32_t next(void) { return seed = seed * 1664525 + 1013904223; }

int main(void) {
  enum { N = 500 };
  static uint8_t *piece[N];
  static uint32_t size[N];
  uint64_t sum = 0;
  for (int round = 0; round < 20000; round++) {
    int i = next() >> 8 & 0xffff;
    i %= N;
    if (next() >> 30 == 0) {
      free(piece[i]);
      piece[i] = NULL;
      size[i] = 0;
      continue;
    }
    uint32_t length = next() >> 16;
    if (round % 16) length >>= 5;
    piece[i] = realloc(piece[i], length + 1);
    if (!piece[i]) return 1;
    if (length > size[i]) memset(piece[i] + size[i], round, length - size[i]);
    size[i] = length;
    memmove(piece[i] + length / 3, piece[i], length / 2);
    sum = sum * 31 + piece[i][length / 2];
  }
  for (int i = 0; i < N; i++)
    for (uint32_t j = 0; j < size[i]; j += 97) sum = sum * 31 + piece[i][j];
  printf("%016llx\n", (unsigned long long)sum);
  return 0;
}
