// Integers of 32, 64 and many bits: division, shifts, counting of bits, a factorial by hand.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t multiply(uint64_t a, uint64_t b, uint64_t modulus) {
  uint64_t result = 0;
  for (; b; b >>= 1) {
    if (b & 1) result = (result + a) % modulus;
    a = a * 2 % modulus;
  }
  return result;
}

static uint64_t power(uint64_t base, uint64_t exponent, uint64_t modulus) {
  uint64_t result = 1;
  for (base %= modulus; exponent; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, base, modulus);
    base = multiply(base, base, modulus);
  }
  return result;
}

int main(void) {
  uint32_t digits[60] = {1};
  for (uint32_t n = 2; n <= 100; n++) {
    uint64_t carry = 0;
    for (int i = 0; i < 60; i++) {
      carry += (uint64_t)digits[i] * n;
      digits[i] = carry % 1000000000;
      carry /= 1000000000;
    }
  }
  int top = 59;
  while (!digits[top]) top--;
  printf("%u", digits[top]);
  while (top--) printf("%09u", digits[top]);
  printf("\n%" PRIx64 "\n", power(3, 0xfedcba987654321, 0x7fffffffffffffe7));
  uint64_t x = 88172645463325252, mixed = 0;
  for (int i = 0; i < 5000; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    int64_t s = (int64_t)x;
    mixed += s / (int32_t)(x | 1) + s % 12345 + __builtin_clzll(x) * __builtin_ctz((uint32_t)x | 256);
    mixed = mixed << (x & 63) | mixed >> (-x & 63);
    mixed += (int8_t)x * (int16_t)(x >> 8) + (uint32_t)(mixed >> 3) / ((uint16_t)x + 1u);
    mixed ^= __builtin_popcountll(mixed);
  }
  printf("%" PRIu64 "\n", mixed);
  return 0;
}
