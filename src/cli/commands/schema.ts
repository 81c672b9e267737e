import { jsonSchema } from "../../config/json-schema.ts";
import type { Command } from "../command.ts";

export const schemaCommand: Command = {
  name: "schema",
  summary: "Print the JSON Schema of the configuration, for editors",
  usage: [""],
  details:
    'Editors that know "Even Better TOML" or taplo complete and check a file whose first line is: #:schema ./sluice.schema.json',
  options: {},
  positionals: 0,
  examples: [
    ["sluice schema > sluice.schema.json", "then name it in the first line of sluice.toml"],
  ],
  run(_, shell) {
    shell.out(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
    return 0;
  },
};
