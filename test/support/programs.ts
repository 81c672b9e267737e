/**
 * Whether a program of the machine is missing. Tests that need one are skipped then (`test.skipIf`);
 * `npm test` names what to install, and does not let a skipped test pass in CI.
 */
export function lacks(program: string): boolean {
  return Bun.which(program) === null;
}
