// 30. The parts of a form one after the other, each as a stream.
import type { Check } from "./check.ts";
import { App } from "sluice";

export const app = new App().post("/import", async (c) => {
  let lines = 0;
  let table = "";
  for await (const part of c.files({ fields: 1, files: 1 })) {
    if (!part.isFile) table = await part.text(100);
    else {
      const text = part.stream().pipeThrough(new TextDecoderStream() as never);
      for await (const piece of text as ReadableStream<string>)
        lines += piece.split("\n").length - 1;
    }
  }
  return `${lines} lines into ${table}`;
});

export async function check({ ask, equal }: Check) {
  const body = new FormData();
  body.append("table", "levels");
  body.append("file", new File(["a\nb\nc\n"], "levels.csv"));
  equal((await ask("POST /import", { body })).text, "3 lines into levels");
}
