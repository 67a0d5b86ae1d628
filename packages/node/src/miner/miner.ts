import { bytesToHex, type Clock, type Crypto, type Logger } from '@cairn/core';
import type { OfferTerms } from '@cairn/ledger';
import { INFER_PROTOCOL, type LoadedModel, type Timer, type Transport } from '@cairn/protocol';
import type { Payee } from './payee.ts';
import { createServing, type ServingOptions } from './serving.ts';

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

export interface MinerOptions extends ServingOptions {
  readonly models: readonly ServedModel[];
}

/** Serves paid inference until it is disposed. */
export interface Miner extends AsyncDisposable {
  /** Answers under way. */
  readonly serving: number;
}

export function createMiner(parts: MinerParts, options: MinerOptions): Miner {
  const models = new Map(options.models.map((served) => [bytesToHex(served.terms.artifact), served]));
  const serving = createServing(parts, models, options);
  const stop = parts.transport.listen(INFER_PROTOCOL, (stream) => serving.serve(stream));
  return {
    get serving() {
      return serving.running;
    },
    async [Symbol.asyncDispose]() {
      stop();
      await serving.stop();
    },
  };
}
