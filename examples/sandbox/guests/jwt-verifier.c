/*
 * Lets in who has a JSON Web Token (RFC 7519) signed with HS256, and says who that is: X-Guest-User has its sub,
 * X-Guest-Roles its roles. The secret is the module's setting.
 */
#include "http-handler.h"

typedef unsigned char u8;

/* SHA-256 (FIPS 180-4) */

static const u32 K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

typedef struct {
  u32 state[8];
  u64 length;
  u8 block[64];
} Sha256;

static u32 rotate(u32 x, u32 n) { return x >> n | x << (32 - n); }

static void sha256_begin(Sha256 *s) {
  static const u32 initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (u32 i = 0; i < 8; i++) s->state[i] = initial[i];
  s->length = 0;
}

static void sha256_block(Sha256 *s) {
  u32 w[64], v[8];
  for (u32 i = 0; i < 16; i++) {
    const u8 *b = s->block + i * 4;
    w[i] = (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
  }
  for (u32 i = 16; i < 64; i++) {
    u32 a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
  }
  for (u32 i = 0; i < 8; i++) v[i] = s->state[i];
  for (u32 i = 0; i < 64; i++) {
    u32 e = v[4], a = v[0];
    u32 t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + K[i] + w[i];
    u32 t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    for (u32 j = 7; j > 0; j--) v[j] = v[j - 1];
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (u32 i = 0; i < 8; i++) s->state[i] += v[i];
}

static void sha256_add(Sha256 *s, const u8 *bytes, u32 n) {
  for (u32 i = 0; i < n; i++) {
    s->block[s->length++ & 63] = bytes[i];
    if ((s->length & 63) == 0) sha256_block(s);
  }
}

static void sha256_end(Sha256 *s, u8 out[32]) {
  u64 bits = s->length * 8;
  u8 byte = 0x80;
  do {
    sha256_add(s, &byte, 1);
    byte = 0;
  } while ((s->length & 63) != 56);
  for (int i = 7; i >= 0; i--) {
    byte = (u8)(bits >> (i * 8));
    sha256_add(s, &byte, 1);
  }
  for (u32 i = 0; i < 32; i++) out[i] = (u8)(s->state[i / 4] >> (24 - i % 4 * 8));
}

/* HMAC (RFC 2104) */
static void hmac(const u8 *key, u32 key_length, const u8 *text, u32 length, u8 out[32]) {
  Sha256 s;
  u8 pad[64], hashed[32];
  if (key_length > 64) {
    sha256_begin(&s);
    sha256_add(&s, key, key_length);
    sha256_end(&s, hashed);
    key = hashed;
    key_length = 32;
  }
  for (u32 side = 0; side < 2; side++) {
    for (u32 i = 0; i < 64; i++) pad[i] = (i < key_length ? key[i] : 0) ^ (side ? 0x5c : 0x36);
    sha256_begin(&s);
    sha256_add(&s, pad, 64);
    if (side) sha256_add(&s, out, 32);
    else sha256_add(&s, text, length);
    sha256_end(&s, out);
  }
}

/* Base64url without padding (RFC 7515 2). -1 for what is none. */
static int from_base64url(const u8 *text, u32 length, u8 *out) {
  u32 bits = 0, held = 0, n = 0;
  if (length % 4 == 1) return -1;
  for (u32 i = 0; i < length; i++) {
    u8 c = text[i];
    u32 value;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    else if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    else if (c >= '0' && c <= '9') value = c - '0' + 52;
    else if (c == '-') value = 62;
    else if (c == '_') value = 63;
    else return -1;
    bits = bits << 6 | value;
    held += 6;
    if (held >= 8) out[n++] = (u8)(bits >> (held -= 8));
  }
  /* Bits that are left over must be none, or one signature would have several spellings. */
  if (bits & ((1u << held) - 1)) return -1;
  return (int)n;
}

/* A member of a JSON object: where its value begins, and how long it is. The text was signed by whoever we trust. */
typedef struct {
  const u8 *at;
  u32 length;
} Slice;

static u32 skip_string(const u8 *text, u32 length, u32 i) {
  for (i++; i < length && text[i] != '"'; i++)
    if (text[i] == '\\') i++;
  return i + 1;
}

static u32 skip_space(const u8 *text, u32 length, u32 i) {
  while (i < length && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t')) i++;
  return i;
}

static Slice member(const u8 *text, u32 length, const char *name, u32 name_length) {
  Slice found = {0, 0};
  u32 i = skip_space(text, length, 0);
  if (i >= length || text[i] != '{') return found;
  i++;
  for (;;) {
    i = skip_space(text, length, i);
    if (i >= length || text[i] != '"') return found;
    u32 key = i + 1;
    i = skip_string(text, length, i);
    u32 key_length = i - 1 - key;
    i = skip_space(text, length, i);
    if (i >= length || text[i] != ':') return found;
    u32 start = i = skip_space(text, length, i + 1);
    for (u32 depth = 0; i < length;) {
      u8 c = text[i];
      if (c == '"') {
        i = skip_string(text, length, i);
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) break;
      if (c == '{' || c == '[') depth++;
      if (c == '}' || c == ']') depth--;
      i++;
    }
    if (i > length) return found;
    u32 same = key_length == name_length;
    for (u32 j = 0; same && j < name_length; j++) same = text[key + j] == (u8)name[j];
    if (same) {
      u32 end = i;
      while (end > start && text[end - 1] <= ' ') end--;
      found.at = text + start;
      found.length = end - start;
      return found;
    }
    if (i >= length || text[i] != ',') return found;
    i++;
  }
}

/* What lies between quotes. Names with escapes, or what no header may have, are none. */
static Slice string_of(Slice value) {
  Slice none = {0, 0};
  if (value.length < 2 || value.at[0] != '"' || value.at[value.length - 1] != '"') return none;
  Slice inner = {value.at + 1, value.length - 2};
  for (u32 i = 0; i < inner.length; i++)
    if (inner.at[i] < 0x20 || inner.at[i] > 0x7e || inner.at[i] == '\\' || inner.at[i] == '"') return none;
  return inner;
}

/* Seconds; -1 where there is no such number. */
static long long number_of(Slice value) {
  long long n = 0;
  if (value.length == 0 || value.length > 15) return -1;
  for (u32 i = 0; i < value.length; i++) {
    if (value.at[i] == '.') break;
    if (value.at[i] < '0' || value.at[i] > '9') return -1;
    n = n * 10 + (value.at[i] - '0');
  }
  return n;
}

static u32 is(Slice value, const char *text, u32 length) {
  u32 same = value.length == length;
  for (u32 i = 0; same && i < length; i++) same = value.at[i] == (u8)text[i];
  return same;
}

static u8 field[8192], head[4096], claims[8192], signature[64], secret[1024], roles[1024];

static u64 refuse(const char *challenge, u32 length) {
  set_status_code(401);
  set_header_value(HEADERS_RESPONSE, LITERAL("WWW-Authenticate"), challenge, length);
  set_header_value(HEADERS_RESPONSE, LITERAL("Content-Type"), LITERAL("application/problem+json"));
  write_body(BODY_RESPONSE, LITERAL("{\"title\":\"Unauthorized\",\"status\":401,\"code\":\"token_invalid\","
                                    "\"detail\":\"A valid token is needed here.\"}\n"));
  return ANSWERED;
}

#define INVALID refuse(LITERAL("Bearer error=\"invalid_token\""))

u64 EXPORT(handle_request)(void) {
  u64 size = get_header_values(HEADERS_REQUEST, LITERAL("authorization"), field, sizeof field);
  u32 length = (u32)size;
  if (size >> 32 != 1 || length > sizeof field || length < 8) return refuse(LITERAL("Bearer"));
  static const char scheme[] = "bearer ";
  for (u32 i = 0; i < 7; i++)
    if ((field[i] | 0x20) != (u8)scheme[i]) return refuse(LITERAL("Bearer"));
  const u8 *token = field + 7;
  u32 token_length = length - 8, dots[2], n = 0;
  for (u32 i = 0; i < token_length; i++)
    if (token[i] == '.') {
      if (n == 2) return INVALID;
      dots[n++] = i;
    }
  if (n != 2 || dots[0] > sizeof head || dots[1] - dots[0] > sizeof claims || token_length - dots[1] != 44) return INVALID;

  int head_length = from_base64url(token, dots[0], head);
  int claims_length = from_base64url(token + dots[0] + 1, dots[1] - dots[0] - 1, claims);
  int signature_length = from_base64url(token + dots[1] + 1, token_length - dots[1] - 1, signature);
  if (head_length < 0 || claims_length < 0 || signature_length != 32) return INVALID;
  /* The only algorithm there is here: a token cannot choose a weaker one (RFC 8725 3.1). */
  if (!is(string_of(member(head, (u32)head_length, LITERAL("alg"))), LITERAL("HS256"))) return INVALID;
  if (member(head, (u32)head_length, LITERAL("crit")).length) return INVALID;

  u32 secret_length = get_config(secret, sizeof secret);
  if (secret_length < 32 || secret_length > sizeof secret) {
    log(LOG_ERROR, LITERAL("the setting must be a secret of 32 to 1024 bytes"));
    __builtin_trap();
  }
  u8 expected[32], differs = 0;
  hmac(secret, secret_length, token, dots[1], expected);
  for (u32 i = 0; i < 32; i++) differs |= expected[i] ^ signature[i];
  if (differs) return INVALID;

  u64 nanoseconds = 0;
  clock_time_get(0, 1, &nanoseconds);
  long long now = (long long)(nanoseconds / 1000000000ull);
  long long expires = number_of(member(claims, (u32)claims_length, LITERAL("exp")));
  Slice begins = member(claims, (u32)claims_length, LITERAL("nbf"));
  if (expires <= now || (begins.length && number_of(begins) > now)) return INVALID;
  Slice subject = string_of(member(claims, (u32)claims_length, LITERAL("sub")));
  if (subject.length == 0) return INVALID;

  set_header_value(HEADERS_REQUEST, LITERAL("X-Guest-User"), (const char *)subject.at, subject.length);
  Slice list = member(claims, (u32)claims_length, LITERAL("roles"));
  u32 written = 0;
  for (u32 i = 1; i < list.length && list.at[0] == '[';) {
    if (list.at[i] != '"') {
      i++;
      continue;
    }
    u32 end = skip_string(list.at, list.length, i);
    Slice quoted = {list.at + i, end - i};
    Slice role = string_of(quoted);
    i = end;
    if (role.length == 0 || written + role.length + 1 > sizeof roles) continue;
    if (written) roles[written++] = ',';
    for (u32 j = 0; j < role.length; j++) roles[written++] = role.at[j];
  }
  if (written) set_header_value(HEADERS_REQUEST, LITERAL("X-Guest-Roles"), (const char *)roles, written);
  return NEXT;
}

void EXPORT(handle_response)(u32 context, u32 is_error) {}
