/** Thrown by a command that has said what failed: its result is a failing check, not an error. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}
