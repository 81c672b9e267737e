// Makes JSON of strangers harmless before it goes on: what is no JSON is refused, members that reach into
// prototypes are left out, and texts lose control characters and have < > & escaped, so that they cannot become
// markup. Text is never decoded: one pass over the bytes.
import {
  ANSWERED,
  enableFeatures,
  getHeaderValues,
  NEXT,
  readBody,
  REQUEST,
  RESPONSE,
  setHeaderValue,
  setStatusCode,
  writeBody,
} from "./http-handler";

// Kept small, because memory is put back after each request.
const MAX_INPUT: u32 = 64 << 10;
const MAX_DEPTH: i32 = 64;

const input = memory.data(64 << 10);
// Each byte of a text may become six: \u003c.
const output = memory.data(384 << 10);
let length: i32 = 0;
let at: i32 = 0;
let end: i32 = 0;

function peek(): i32 {
  return at < length ? load<u8>(input + at) : -1;
}

function emit(byte: i32): void {
  store<u8>(output + end++, byte as u8);
}

function skipSpace(): void {
  for (let c = peek(); c == 32 || c == 10 || c == 13 || c == 9; c = peek()) at++;
}

function hex(value: i32): i32 {
  return value < 10 ? 48 + value : 87 + value;
}

function emitEscape(code: i32): void {
  emit(92);
  emit(117);
  emit(48);
  emit(48);
  emit(hex(code >> 4));
  emit(hex(code & 15));
}

function isHex(c: i32): bool {
  return (c >= 48 && c <= 57) || ((c | 32) >= 97 && (c | 32) <= 102);
}

function hexValue(c: i32): i32 {
  return c <= 57 ? c - 48 : (c | 32) - 87;
}

// \u with its four digits: letters that could be markup, and names, are written one way only.
function unicodeEscape(): bool {
  let code = 0;
  for (let i = 1; i <= 4; i++) {
    const c = at + i < length ? load<u8>(input + at + i) : 0;
    if (!isHex(c)) return false;
    code = (code << 4) | hexValue(c);
  }
  if (code >= 0x20 && code < 0x7f) {
    if (code == 0x22 || code == 0x5c) emit(92);
    if (code == 0x3c || code == 0x3e || code == 0x26) emitEscape(code);
    else emit(code);
  } else if (code >= 0x80) {
    emit(92);
    for (let i = 0; i <= 4; i++) emit(load<u8>(input + at + i));
  } else if (code == 9 || code == 10 || code == 13) {
    emitEscape(code);
  }
  at += 5;
  return true;
}

function text(): bool {
  at++;
  emit(34);
  while (true) {
    const c = peek();
    if (c < 32) return false;
    if (c == 34) {
      at++;
      emit(34);
      return true;
    }
    if (c == 60 || c == 62 || c == 38) {
      emitEscape(c);
      at++;
    } else if (c == 127) {
      at++;
    } else if (c != 92) {
      emit(c);
      at++;
    } else {
      at++;
      const escaped = peek();
      if (escaped == 117) {
        if (!unicodeEscape()) return false;
      } else if (escaped == 98 || escaped == 102) {
        at++; // backspace and form feed are control characters
      } else if (
        escaped == 34 ||
        escaped == 92 ||
        escaped == 47 ||
        escaped == 110 ||
        escaped == 114 ||
        escaped == 116
      ) {
        emit(92);
        emit(escaped);
        at++;
      } else return false;
    }
  }
}

function digits(): bool {
  const from = at;
  for (let c = peek(); c >= 48 && c <= 57; c = peek()) {
    emit(c);
    at++;
  }
  return at > from;
}

function number(): bool {
  if (peek() == 45) {
    emit(45);
    at++;
  }
  if (peek() == 48) {
    emit(48);
    at++;
  } else if (!digits()) return false;
  if (peek() == 46) {
    emit(46);
    at++;
    if (!digits()) return false;
  }
  if ((peek() | 32) == 101) {
    emit(101);
    at++;
    if (peek() == 43 || peek() == 45) {
      emit(peek());
      at++;
    }
    if (!digits()) return false;
  }
  return true;
}

function word(first: i32): bool {
  const name = first == 116 ? "true" : first == 102 ? "false" : "null";
  for (let i = 0; i < name.length; i++) {
    if (peek() != name.charCodeAt(i)) return false;
    emit(peek());
    at++;
  }
  return true;
}

function sameBytes(from: i32, to: i32, name: string): bool {
  if (to - from != name.length) return false;
  for (let i = 0; i < name.length; i++) {
    if (load<u8>(output + from + i) != name.charCodeAt(i)) return false;
  }
  return true;
}

// Names as they are written out, so that no escape hides one.
function isDangerous(from: i32, to: i32): bool {
  return (
    sameBytes(from, to, "__proto__") ||
    sameBytes(from, to, "constructor") ||
    sameBytes(from, to, "prototype")
  );
}

function object(depth: i32): bool {
  at++;
  emit(123);
  skipSpace();
  if (peek() == 125) {
    at++;
    emit(125);
    return true;
  }
  let first = true;
  while (true) {
    skipSpace();
    if (peek() != 34) return false;
    const before = end;
    if (!first) emit(44);
    const name = end + 1;
    if (!text()) return false;
    const dropped = isDangerous(name, end - 1);
    skipSpace();
    if (peek() != 58) return false;
    at++;
    emit(58);
    if (!value(depth)) return false;
    if (dropped) end = before;
    else first = false;
    skipSpace();
    const c = peek();
    at++;
    if (c == 125) {
      emit(125);
      return true;
    }
    if (c != 44) return false;
  }
}

function list(depth: i32): bool {
  at++;
  emit(91);
  skipSpace();
  if (peek() == 93) {
    at++;
    emit(93);
    return true;
  }
  while (true) {
    if (!value(depth)) return false;
    skipSpace();
    const c = peek();
    at++;
    if (c == 93) {
      emit(93);
      return true;
    }
    if (c != 44) return false;
    emit(44);
  }
}

function value(depth: i32): bool {
  if (depth > MAX_DEPTH) return false;
  skipSpace();
  const c = peek();
  if (c == 123) return object(depth + 1);
  if (c == 91) return list(depth + 1);
  if (c == 34) return text();
  if (c == 116 || c == 102 || c == 110) return word(c);
  return number();
}

function refuse(status: u32, detail: string): u64 {
  const body = String.UTF8.encode(
    '{"title":"Bad Request","status":' +
      status.toString() +
      ',"code":"json_invalid","detail":"' +
      detail +
      '"}\n',
  );
  const name = String.UTF8.encode("content-type");
  const type = String.UTF8.encode("application/problem+json");
  setStatusCode(status);
  setHeaderValue(
    RESPONSE,
    changetype<usize>(name),
    name.byteLength,
    changetype<usize>(type),
    type.byteLength,
  );
  writeBody(RESPONSE, changetype<usize>(body), body.byteLength);
  return ANSWERED;
}

function isJson(): bool {
  const name = String.UTF8.encode("content-type");
  const buf = new ArrayBuffer(128);
  const size = getHeaderValues(
    REQUEST,
    changetype<usize>(name),
    name.byteLength,
    changetype<usize>(buf),
    128,
  );
  if (size >> 32 != 1 || (size as u32) > 128) return false;
  const type = String.UTF8.decodeUnsafe(changetype<usize>(buf), (size as u32) - 1).toLowerCase();
  const semicolon = type.indexOf(";");
  const bare = (semicolon < 0 ? type : type.slice(0, semicolon)).trim();
  return bare == "application/json" || bare.endsWith("+json");
}

export function handle_request(): u64 {
  if (!isJson()) return NEXT;
  length = at = end = 0;
  let ended = false;
  while (!ended) {
    if ((length as u32) == MAX_INPUT) return refuse(413, "at most 64 KiB of JSON is taken here");
    const read = readBody(REQUEST, input + length, MAX_INPUT - length);
    length += read as i32;
    ended = read >> 32 == 1;
  }
  if (length == 0) return NEXT;
  if (!value(0)) return refuse(400, "the body is no JSON that is taken here");
  skipSpace();
  if (at < length) return refuse(400, "there is something behind the JSON");
  writeBody(REQUEST, output, end);
  return NEXT;
}

export function handle_response(_context: u32, _isError: u32): void {}

// At the start, for each request.
enableFeatures(1);
