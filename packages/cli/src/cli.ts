import type { Terminal } from './terminal/terminal.ts';

/** The world as commands see it. Only `main` makes a real one. */
export interface Cli {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly folder: string;
  /** Aborted when the person wants the command to end. */
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** `name/version` of this build and where its checkout or installation is. */
  readonly version: string;
  readonly root: string;
  /** Base-2 logarithm of the cost of opening a new keystore. @default 18 */
  readonly keystoreWorkFactor?: number;
}
