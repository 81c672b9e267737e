// JWT_SECRET=… sluice run examples/sandbox/api.ts, after npx bun examples/sandbox/build.ts
import { join } from "node:path";
import { createApi } from "./create-api.ts";

const { JWT_SECRET: secret } = process.env;
if (secret === undefined) throw new Error("set JWT_SECRET, at least 32 characters");

export const { app } = await createApi(join(import.meta.dirname, "built"), secret);
