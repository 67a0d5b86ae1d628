import type { Logger } from '@cairn/core';
import type { PanelData, Settings, UpStep } from '@cairn/node';

export interface StartOptions {
  readonly settings: Settings;
  readonly reset: boolean;
  readonly log: Logger;
  readonly onStep: (step: UpStep) => void;
}

/** A whole network in this process. */
export interface RunningNetwork extends AsyncDisposable {
  readonly url: string;
  /** Where nodes that join reach this one. */
  readonly addresses: readonly string[];
  panel(): Promise<PanelData>;
}

/** Starts a local network: chain, miners, validators and gateway. */
export type StartNetwork = (options: StartOptions) => Promise<RunningNetwork>;
