/**
 * Where the program of a thread lies: beside the file that starts it, as source or built.
 * @param from `import.meta.url` of that file
 */
export function threadFile(from: string, name: string): URL {
  return new URL(`./${name}${from.endsWith(".js") ? ".js" : ".ts"}`, from);
}
