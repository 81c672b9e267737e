/** Thrown by `proc_exit`, which does not return to the guest. */
export class ExitSignal extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the program ended with ${exitCode}`);
    this.name = "ExitSignal";
    this.exitCode = exitCode;
  }
}
