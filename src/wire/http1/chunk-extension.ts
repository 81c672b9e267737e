import { isFieldValue, isToken } from "./characters.ts";

const TAB = 0x09;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

const enum State {
  /** Blanks behind the size or a value: only another extension may follow. */
  Gap,
  BeforeName,
  Name,
  AfterName,
  BeforeValue,
  Token,
  Quoted,
  Escape,
  AfterQuoted,
}

/** The CR that ends the line of the chunk. */
export const EXTENSION_END = -1;
/** Not what RFC 9112 7.1.1 allows here. */
export const EXTENSION_BAD = -2;

/** The state behind the size of a chunk when `code` begins an extension, else {@link EXTENSION_BAD}. */
export function beginExtension(code: number): number {
  if (code === SEMICOLON) return State.BeforeName;
  return isBlank(code) ? State.Gap : EXTENSION_BAD;
}

/**
 * One byte of `chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, RFC 9112 7.1.1.
 * @returns the next state, {@link EXTENSION_END} or {@link EXTENSION_BAD}
 */
export function stepExtension(state: number, code: number): number {
  switch (state) {
    case State.Gap:
      return isBlank(code) ? State.Gap : separator(code);
    case State.BeforeName:
      if (isToken[code] === 1) return State.Name;
      return isBlank(code) ? State.BeforeName : EXTENSION_BAD;
    case State.Name:
      if (isToken[code] === 1) return State.Name;
      if (code === EQUALS) return State.BeforeValue;
      return isBlank(code) ? State.AfterName : endOrSeparator(code);
    case State.AfterName:
      if (code === EQUALS) return State.BeforeValue;
      return isBlank(code) ? State.AfterName : separator(code);
    case State.BeforeValue:
      if (isToken[code] === 1) return State.Token;
      if (code === QUOTE) return State.Quoted;
      return isBlank(code) ? State.BeforeValue : EXTENSION_BAD;
    case State.Token:
      if (isToken[code] === 1) return State.Token;
      return isBlank(code) ? State.Gap : endOrSeparator(code);
    // RFC 9110 5.6.4
    case State.Quoted:
      if (code === QUOTE) return State.AfterQuoted;
      if (code === BACKSLASH) return State.Escape;
      return isFieldValue[code] === 1 ? State.Quoted : EXTENSION_BAD;
    case State.Escape:
      return isFieldValue[code] === 1 ? State.Quoted : EXTENSION_BAD;
    default:
      return isBlank(code) ? State.Gap : endOrSeparator(code);
  }
}

function separator(code: number): number {
  return code === SEMICOLON ? State.BeforeName : EXTENSION_BAD;
}

function endOrSeparator(code: number): number {
  return code === CR ? EXTENSION_END : separator(code);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
