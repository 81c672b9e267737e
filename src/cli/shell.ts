/** What a command sees of the world it was started in. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Standard output is a terminal. */
  readonly tty: boolean;
  /** Characters of a line of the terminal; left out where there is none. */
  readonly columns?: () => number | undefined;
  out(text: string): void;
  err(text: string): void;
  /** Whether colours are wanted on the stream. */
  color(stream: "out" | "err"): boolean;
}

export function processShell(): Shell {
  const { env, stdout, stderr } = process;
  // https://no-color.org: any value that is not empty.
  const wanted = !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return {
    env,
    cwd: process.cwd(),
    tty: stdout.isTTY === true,
    columns: () => stdout.columns,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    color: (stream) => wanted && (stream === "out" ? stdout : stderr).isTTY === true,
  };
}

/** Text in a style, or plain where colours are not wanted. */
export type Style = (text: string) => string;

export function styles(color: boolean): {
  bold: Style;
  dim: Style;
  cyan: Style;
  green: Style;
  red: Style;
} {
  const style = (code: number): Style =>
    color ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text;
  return { bold: style(1), dim: style(2), cyan: style(36), green: style(32), red: style(31) };
}
