import type { Clock, Crypto, Logger } from '@cairn/core';
import type { RunReader, RunView, TrainingEngine } from '@cairn/protocol';
import { createStateHasher, openRunCompute, openRunDesk, type RunDesk } from '@cairn/training';
import type { EngineName } from '../messages.ts';
import { openBrowserEngine, openOtherEngine } from './engine.ts';
import type { BrowserLibrary } from './library.ts';
import { nativeDigest } from './native-digest.ts';

export interface BrowserDeskParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ledger: RunReader;
  readonly library: BrowserLibrary;
}

/**
 * A run as it is computed in this worker.
 *
 * @throws TrainingError `ENGINE_FAILED`, `ROUND_UNUSABLE`, `RUN_MALFORMED`; WebError `BLOB_NOT_FETCHED`, `NODE_REFUSED`
 */
export function openBrowserDesk(
  { crypto, clock, log, ledger, library }: BrowserDeskParts,
  run: RunView,
  engine: EngineName,
): Promise<RunDesk> {
  return openRunDesk(
    {
      ...{ crypto, ledger, library, log },
      fetch: (name, blobs) => library.fetch(name, blobs),
      async openCompute(options) {
        let opened: TrainingEngine | null = null;
        const close = async () => await opened?.[Symbol.asyncDispose]();
        try {
          const compute = await openRunCompute(
            {
              ...{ crypto, clock, turn, hasher: createStateHasher(nativeDigest) },
              read: (id) => library.get(id),
              async openEngine(plan) {
                opened = await openBrowserEngine(crypto, plan, engine);
                return opened;
              },
              openSecond: (plan) => openOtherEngine(crypto, plan, engine),
            },
            options,
          );
          return { ...compute, [Symbol.asyncDispose]: close };
        } catch (error) {
          await close();
          throw error;
        }
      },
    },
    run,
  );
}

const channel = new MessageChannel();
let resume: () => void = () => undefined;
channel.port1.onmessage = () => resume();

/** A turn of the event loop, in which messages of the page are heard. Unlike a timeout, it is not slowed down. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    resume = resolve;
    channel.port2.postMessage(null);
  });
}
