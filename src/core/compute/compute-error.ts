/** A tensor program that cannot be compiled or run, or an executor that does not work on this machine. */
export class ComputeError extends Error {
  override readonly name = 'ComputeError';
  constructor(
    readonly executor: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`Executor ${executor}: ${message}`, options);
  }
}
