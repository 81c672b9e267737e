// An interpreter with a large switch, as guests often are: its program greets, and is run many times.
#include <stdint.h>
#include <stdio.h>

static const char PROGRAM[] =
    "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------."
    "--------.>>+.>++.";

int main(void) {
  static int partner[sizeof PROGRAM];
  int open[100], depth = 0;
  for (int i = 0; PROGRAM[i]; i++) {
    if (PROGRAM[i] == '[') open[depth++] = i;
    if (PROGRAM[i] == ']') {
      partner[i] = open[--depth];
      partner[open[depth]] = i;
    }
  }
  for (int run = 0; run < 100; run++) {
    uint8_t cells[100] = {0}, *cell = cells;
    for (int at = 0; PROGRAM[at]; at++) {
      switch (PROGRAM[at]) {
        case '>': cell++; break;
        case '<': cell--; break;
        case '+': ++*cell; break;
        case '-': --*cell; break;
        case '.': putchar(*cell + (run & 1 && *cell > 'a')); break;
        case '[': if (!*cell) at = partner[at]; break;
        case ']': if (*cell) at = partner[at]; break;
      }
    }
  }
  return 0;
}
