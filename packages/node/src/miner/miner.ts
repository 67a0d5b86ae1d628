import { bytesToHex } from '@cairn/core';
import { INFER_PROTOCOL } from '@cairn/protocol';
import { serveCountersigned } from './countersigned-server.ts';
import type { MinerParts, ServedModel } from './miner-parts.ts';
import { createServing, type ServingOptions } from './serving.ts';

export interface MinerOptions extends ServingOptions {
  readonly models: readonly ServedModel[];
}

/** Serves paid inference, and shows receipts that were countersigned, until it is disposed. */
export interface Miner extends AsyncDisposable {
  /** Answers under way. */
  readonly serving: number;
}

export function createMiner(parts: MinerParts, options: MinerOptions): Miner {
  const models = new Map(options.models.map((served) => [bytesToHex(served.terms.artifact), served]));
  const serving = createServing(parts, models, options);
  const stop = parts.transport.listen(INFER_PROTOCOL, (stream) => serving.serve(stream));
  const countersigned = serveCountersigned(parts);
  return {
    get serving() {
      return serving.running;
    },
    async [Symbol.asyncDispose]() {
      stop();
      countersigned[Symbol.dispose]();
      await serving.stop();
    },
  };
}
