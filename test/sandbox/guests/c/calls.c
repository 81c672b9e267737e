// Calls: deep recursion, function pointers, arguments by number, structs by value.
#include <stdarg.h>
#include <stdio.h>

typedef struct {
  long long a;
  double b;
  char c[20];
} big;

static int ackermann(int m, int n) {
  if (m == 0) return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static int even(int n);
static int odd(int n) { return n == 0 ? 0 : even(n - 1); }
static int even(int n) { return n == 0 ? 1 : odd(n - 1); }

static big turn(big x, int n) {
  x.a = x.a * 3 + n;
  x.b /= n + 1.5;
  for (int i = 0; i < 20; i++) x.c[i] ^= n + i;
  return n == 0 ? x : turn(x, n - 1);
}

static long sum(int n, ...) {
  va_list list;
  va_start(list, n);
  long total = 0;
  while (n--) total += va_arg(list, long);
  va_end(list);
  return total;
}

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int mul(int a, int b) { return a * b; }
static int (*const OPS[])(int, int) = {add, sub, mul};

static int queens(int n, int row, unsigned columns, unsigned left, unsigned right) {
  if (row == n) return 1;
  int found = 0;
  for (unsigned free = ~(columns | left | right) & ((1u << n) - 1); free; free &= free - 1) {
    unsigned bit = free & -free;
    found += queens(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return found;
}

int main(void) {
  big x = {1, 1e9, "abcdefghijklmnopqrs"};
  x = turn(x, 30);
  unsigned char check = 0;
  for (int i = 0; i < 20; i++) check = check * 7 + (unsigned char)x.c[i];
  printf("%d %d %d %lld %.9g %u\n", ackermann(2, 50), even(501), queens(8, 0, 0, 0, 0), x.a, x.b,
         check);
  int value = 1;
  for (unsigned i = 0; i < 3000; i++) value = OPS[(i * 7 + (value & 3)) % 3](value, i) & 0xffffff;
  printf("%d %ld\n", value, sum(5, 1L, 20L, 300L, 4000L, 50000L));
  return 0;
}
