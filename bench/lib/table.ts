/** A Markdown table, aligned so that it reads well in a terminal too. The first column is text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) =>
    Math.max(3, ...[head, ...rows].map((row) => [...(row[at] ?? "")].length)),
  );
  const pad = (text: string, at: number) => {
    const space = " ".repeat((widths[at] as number) - [...text].length);
    return at === 0 ? text + space : space + text;
  };
  const line = (row: readonly string[]) =>
    `| ${head.map((_, at) => pad(row[at] ?? "", at)).join(" | ")} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}
