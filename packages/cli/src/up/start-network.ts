import type { Logger } from '@cairn/core';
import type { PanelData, Settings } from '@cairn/node';

/** What `up` is doing while it starts. */
export interface StartStep {
  readonly step: string;
}

export interface StartOptions {
  readonly settings: Settings;
  readonly reset: boolean;
  readonly log: Logger;
  readonly onStep: (step: StartStep) => void;
}

/** A whole network in this process. */
export interface RunningNetwork extends AsyncDisposable {
  readonly url: string;
  panel(): Promise<PanelData>;
}

/** Starts a local network: chain, miners, validators and gateway. */
export type StartNetwork = (options: StartOptions) => Promise<RunningNetwork>;
