/*
 * Messages of a chat. Each connection has an instance of its own: names are learned when it joins, messages are
 * counted, and words that are not wanted are starred out.
 */
#include "extism.h"

#define MOST 2000

static char name[64] = "somebody";
static u32 name_length = 8;
static u32 messages;
static char in[MOST + 1], out[MOST * 2 + 200];
static u32 out_length;

static void say(const char *text, u32 length) {
  for (u32 i = 0; i < length && out_length < sizeof out; i++) out[out_length++] = text[i];
}
#define SAY(text) say(text, sizeof(text) - 1)

static void say_number(u32 n) {
  char digits[10];
  u32 count = 0;
  do digits[count++] = (char)('0' + n % 10);
  while (n /= 10);
  while (count) say(&digits[--count], 1);
}

static int give(void) {
  block_t h = block(out_length);
  for (u32 i = 0; i < out_length; i++) put_byte(h + i, (unsigned char)out[i]);
  set_output(h, out_length);
  out_length = 0;
  return 0;
}

static int fail(const char *text, u32 length) {
  block_t h = block(length);
  for (u32 i = 0; i < length; i++) put_byte(h + i, (unsigned char)text[i]);
  set_error(h);
  return 1;
}
#define FAIL(text) fail(text, sizeof(text) - 1)

/* Text in JSON. */
static void say_escaped(const char *text, u32 length) {
  for (u32 i = 0; i < length; i++) {
    if (text[i] == '"' || text[i] == '\\') say("\\", 1);
    if ((unsigned char)text[i] >= ' ') say(&text[i], 1);
  }
}

static u32 read_input(void) {
  u64 length = input_length();
  if (length > MOST) return MOST + 1;
  for (u32 i = 0; i < length; i++) in[i] = (char)input_byte(i);
  return (u32)length;
}

/* The text behind "name":" in the query of whoever joins. */
static void learn_name(u32 length) {
  static const char key[] = "\"name\":\"";
  for (u32 i = 0; i + sizeof key - 1 < length; i++) {
    u32 j = 0;
    while (j < sizeof key - 1 && in[i + j] == key[j]) j++;
    if (j < sizeof key - 1) continue;
    name_length = 0;
    for (i += j; i < length && in[i] != '"' && in[i] != '\\' && name_length < sizeof name; i++)
      name[name_length++] = in[i];
    return;
  }
}

static void star_out(u32 length) {
  static const char *const words[] = {"darn", "heck"};
  for (u32 w = 0; w < 2; w++)
    for (u32 i = 0; i + 4 <= length; i++) {
      u32 j = 0;
      while (j < 4 && (in[i + j] | 0x20) == words[w][j]) j++;
      if (j == 4)
        for (j = 0; j < 4; j++) in[i + j] = '*';
    }
}

int EXPORT(on_join)(void) {
  u32 length = read_input();
  if (length <= MOST) learn_name(length);
  SAY("{\"joined\":\"");
  say_escaped(name, name_length);
  SAY("\"}");
  return give();
}

int EXPORT(on_text)(void) {
  u32 length = read_input();
  if (length > MOST) return FAIL("a message has at most 2000 bytes");
  if (length == 0) return FAIL("a message is not empty");
  star_out(length);
  SAY("{\"from\":\"");
  say_escaped(name, name_length);
  SAY("\",\"number\":");
  say_number(++messages);
  SAY(",\"text\":\"");
  say_escaped(in, length);
  SAY("\"}");
  return give();
}

int EXPORT(on_leave)(void) { return 0; }
