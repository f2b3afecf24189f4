/** A plugin package that cannot be used: stops the start, naming the package and the reason. */
export class PluginLoadError extends Error {
  override readonly name = 'PluginLoadError';
  readonly packageName: string;
  readonly reason: string;

  constructor(packageName: string, reason: string, options?: ErrorOptions) {
    super(`Plugin package "${packageName}" cannot be loaded: ${reason}`, options);
    this.packageName = packageName;
    this.reason = reason;
  }
}
