import type { Clock, Crypto, Logger } from '@cairn/core';
import type { OfferTerms } from '@cairn/ledger';
import type { LoadedModel, Timer, Transport } from '@cairn/protocol';
import type { Payee } from './payee.ts';

/** A model behind an offer. */
export interface ServedModel {
  readonly terms: OfferTerms;
  readonly model: LoadedModel;
}

export interface MinerParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly transport: Transport;
  readonly payee: Payee;
  readonly log: Logger;
}
