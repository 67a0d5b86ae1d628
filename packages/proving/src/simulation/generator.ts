import type { Crypto } from '@cairn/core';
import type { ListableView } from '@cairn/ledger';
import type { BenchSender } from '../bench/transfers.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a generator may look at: the committed state and who can sign. */
export interface SimulationScene {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly view: ListableView;
  readonly random: SeededRandom;
  readonly people: readonly BenchSender[];
  readonly height: number;
  /** Ids that earlier calls may have made, such as channels and models; generators of a module share a list by name. */
  ids(name: string): string[];
}

/** A message to send, before it is wrapped, paid for and signed. */
export interface SimulatedCall {
  readonly sender: BenchSender;
  readonly messageId: number;
  readonly message: Uint8Array;
}

/** Random transactions of one ledger module, valid and invalid. One file and one line in `GENERATORS` each. */
export interface CallGenerator {
  readonly module: string;
  /** How often it is chosen among all. */
  readonly weight: number;
  call(scene: SimulationScene): SimulatedCall;
}
