/**
 * Compiles a glob over relative paths: `*` any run inside one segment, `**` any run of segments, `?` one
 * character, `[a-z]` and `[!a-z]` one of a set, `{a,b}` either. Without a slash it is matched against the
 * last segment, so `*.css` means every style sheet.
 * @throws TypeError naming what is wrong with the pattern
 * @example compileGlob("assets/**\/*.{js,css}")("assets/app/main.js") // true
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const expression = new RegExp(`^${translate(pattern)}$`, "u");
  if (pattern.includes("/")) return (path) => expression.test(path);
  return (path) => expression.test(path.slice(path.lastIndexOf("/") + 1));
}

function translate(pattern: string): string {
  const text = pattern.startsWith("/") ? pattern.slice(1) : pattern;
  let out = "";
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === "*") {
      if (text[i + 1] !== "*") {
        out += "[^/]*";
      } else if (text[i + 2] === "/" && (i === 0 || text[i - 1] === "/")) {
        out += "(?:[^/]+/)*";
        i += 2;
      } else {
        out += ".*";
        i += 1;
      }
    } else if (character === "?") out += "[^/]";
    else if (character === "[") {
      const end = text.indexOf("]", i + 2);
      if (end < 0) throw invalid(pattern, "[ is never closed");
      out += translateSet(text.slice(i + 1, end));
      i = end;
    } else if (character === "{") {
      depth++;
      out += "(?:";
    } else if (character === "}" && depth > 0) {
      depth--;
      out += ")";
    } else if (character === "," && depth > 0) out += "|";
    else out += character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  }
  if (depth > 0) throw invalid(pattern, "{ is never closed");
  return out;
}

function translateSet(set: string): string {
  const negated = set.startsWith("!");
  const members = (negated ? set.slice(1) : set).replace(/[\\\]^[]/g, "\\$&");
  // A set never matches the separator.
  return `(?!/)[${negated ? "^" : ""}${members}]`;
}

function invalid(pattern: string, problem: string): TypeError {
  return new TypeError(`invalid glob ${JSON.stringify(pattern)}: ${problem}`);
}
