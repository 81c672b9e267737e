/**
 * What a promise rejects with. To be used for calls of a sandbox in the place of `expect(…).rejects`: that runs the
 * event loop from within, and a thread's messages are not delivered while one of them is being handled.
 */
export async function errorOf(calling: Promise<unknown>): Promise<Error> {
  let value: unknown;
  try {
    value = await calling;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`nothing was thrown, but ${JSON.stringify(value)} given`);
}
