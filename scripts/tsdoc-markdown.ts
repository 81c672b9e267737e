const TAG = /(?:^|\s)@(param|returns|throws|example|deprecated)\s/;
const LABELS: Record<string, string> = {
  returns: "Returns",
  throws: "Throws",
  deprecated: "Deprecated:",
};

/** Markdown of a TSDoc comment without its stars: what it says, parameters, results and errors as a list, examples as code. */
export function tsdocMarkdown(comment: string): string {
  const [text = "", ...tagged] = comment.split(TAG);
  const points: string[] = [];
  const examples: string[] = [];
  for (let at = 0; at < tagged.length; at += 2) {
    const [tag = "", said = ""] = tagged.slice(at, at + 2);
    if (tag === "example") examples.push(example(said.trim()));
    else points.push(`- ${point(tag, prose(said))}`);
  }
  const parts = [prose(text), points.join("\n"), ...examples];
  return parts
    .filter((part) => part !== "")
    .map((part) => `${part}\n`)
    .join("\n");
}

/** Code, also where the comment itself marks it as such. */
function example(said: string): string {
  return said.startsWith("```") ? said : `\`\`\`ts\n${said}\n\`\`\``;
}

function point(tag: string, said: string): string {
  if (tag !== "param") return `${LABELS[tag]} ${said}`;
  const [name = "", ...rest] = said.split(" ");
  return `\`${name}\`: ${rest.join(" ").replace(/^- /, "")}`;
}

/** Lines of one paragraph become one; links within the code become its names. Angle brackets outside of code are text. */
function prose(text: string): string {
  const named = text.replace(/\{@link ([^}]+)\}/g, "`$1`");
  const joined = named
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n(?!- |\d+\. )\s*/g, " "))
    .join("\n\n");
  return joined
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "&lt;")))
    .join("");
}
