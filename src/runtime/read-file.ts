import { readFile as read } from "node:fs/promises";

/** The bytes of a file that came with the program, inside an executable too. */
export async function readFile(location: string | URL): Promise<Uint8Array> {
  return read(location);
}
