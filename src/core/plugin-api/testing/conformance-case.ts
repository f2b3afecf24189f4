/** One promise of the plugin API as a check: hand `name` and `run` to any test runner. `run` rejects where the promise is broken. */
export interface ConformanceCase {
  readonly name: string;
  /** May take as long as several fits on a few hundred rows. */
  run(): Promise<void>;
}
