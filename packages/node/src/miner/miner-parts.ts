import type { Clock, Crypto, Logger } from '@cairn/core';
import type { OfferTerms } from '@cairn/ledger';
import type { LoadedModel, Timer, Transport } from '@cairn/protocol';
import type { Tracer } from '../telemetry/tracer.ts';
import type { Payee } from './payee.ts';
import type { MinerSealing } from './unseal.ts';

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
  /** Absent: only requests in clear are taken. */
  readonly seal?: MinerSealing;
  readonly log: Logger;
  /** @default spans are not made */
  readonly tracer?: Tracer;
}
