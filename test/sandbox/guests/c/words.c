// Strings, a hash table and qsort with a function as argument.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *TEXT =
    "the web tier in one program: a static server, a gateway and a framework; the same program, "
    "the same configuration, and the same handlers, in the large as in the small";

struct word {
  char text[32];
  int count;
  struct word *next;
};

static struct word *table[64];

static unsigned hash(const char *s) {
  unsigned h = 2166136261u;
  while (*s) h = (h ^ (unsigned char)*s++) * 16777619u;
  return h;
}

static int by_count(const void *a, const void *b) {
  const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;
  return x->count != y->count ? y->count - x->count : strcmp(x->text, y->text);
}

int main(void) {
  char *copy = strdup(TEXT), *rest;
  struct word *all[64];
  int n = 0;
  for (char *t = strtok_r(copy, " ,;:", &rest); t; t = strtok_r(NULL, " ,;:", &rest)) {
    struct word **slot = &table[hash(t) % 64];
    while (*slot && strcmp((*slot)->text, t)) slot = &(*slot)->next;
    if (!*slot) {
      *slot = calloc(1, sizeof **slot);
      snprintf((*slot)->text, sizeof (*slot)->text, "%s", t);
      all[n++] = *slot;
    }
    (*slot)->count++;
  }
  qsort(all, n, sizeof *all, by_count);
  for (int i = 0; i < n; i++) {
    all[i]->text[0] = toupper(all[i]->text[0]);
    printf("%-14s %d\n", all[i]->text, all[i]->count);
  }
  free(copy);
  return 0;
}
