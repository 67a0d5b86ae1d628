import { join } from 'node:path';
import { accountIdToAddress, bytesToHex, type Crypto, hexToBytes, type Logger } from '@cairn/core';
import { modelCardShape, modelIdOf } from '@cairn/ledger';
import type { LedgerReader, RecordStore, RoundView, RunLedger } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import type { Recipe } from '@cairn/training';
import { readJsonFile, writeJsonFile } from '../../data/data-folder.ts';
import { LOCAL_PRICE } from '../../up/plan.ts';
import type { ServedModels } from '../../up/served-models.ts';
import type { RunDesk } from '../run/run-place.ts';
import type { ReleasedCheckpoint } from '../run/run-thread-shapes.ts';
import { releaseFactsOf } from './release-facts.ts';

export interface PublisherParts {
  readonly crypto: Crypto;
  readonly ledger: RunLedger;
  readonly chain: LedgerReader;
  readonly records: RecordStore;
  /** Of the run's owner. */
  readonly client: AccountClient;
  readonly desk: RunDesk;
  readonly recipe: Recipe;
  readonly served: Pick<ServedModels, 'serve' | 'withdraw'>;
  /** Where files of releases are kept, each run and round in a folder of its own. */
  readonly folder: string;
  readonly log: Logger;
}

export interface Publisher {
  /** Releases the newest checkpoint unless it is posted. @throws CairnError for what is worth another try */
  act(view: RoundView): Promise<void>;
}

/** The owner of a run: makes files of each checkpoint, puts them on the ledger and on the market. */
export function createPublisher(parts: PublisherParts): Publisher {
  const { crypto, ledger, chain, client, desk, served, folder, recipe, log } = parts;
  let lastOffer: string | null = null;
  let done = 0;

  async function publishCard({ card }: ReleasedCheckpoint) {
    const owned = { ...(card as object), owner: accountIdToAddress(client.account) };
    const registered = modelCardShape.fromJson(owned);
    const id = modelIdOf(crypto, registered);
    const isThere = (await chain.query('registry_model', { model: bytesToHex(id) })) !== null;
    if (!isThere) await client.send('registry.publishModel', { card: registered });
    return { id, card: registered };
  }

  async function serve(
    source: string,
    registered: { id: Uint8Array; card: Parameters<typeof modelIdOf>[1] },
  ) {
    try {
      const { offer } = await served.serve({ source, registered, price: LOCAL_PRICE });
      if (lastOffer !== null && lastOffer !== offer) await served.withdraw(lastOffer);
      lastOffer = offer;
    } catch (error) {
      // A release stands also where nothing can run it.
      log.warn('a release is not served from here', { run: desk.name, reason: String(error).slice(0, 200) });
    }
  }

  return {
    async act(view) {
      const { checkpointRound: round, checkpointRoot } = view.run;
      await desk.tidy(view.run);
      if (round === 0 || round <= done) return;
      const path = join(folder, desk.name, String(round));
      const record = join(path, 'release.json');
      if ((await ledger.checkpoint(desk.id, round)) === null) {
        const root = bytesToHex(checkpointRoot);
        await desk.bring(
          view.run,
          checkpointRoot,
          view.roster.map(({ peer }) => peer),
        );
        const list = await desk.shelve(root, { round, use: 'releases' });
        const released = await desk.compute.release({
          ...{
            root,
            folder: path,
            facts: await releaseFactsOf(parts, view.run, round, checkpointRoot),
          },
          types: recipe.release.files,
        });
        await writeJsonFile(record, released);
        const registered = await publishCard(released);
        await ledger.postCheckpoint({
          run: desk.id,
          round,
          root: checkpointRoot,
          manifest: hexToBytes(list),
          gguf: hexToBytes(released.gguf.sha256),
        });
        log.info('checkpoint released', { run: desk.name, round, model: registered.card.name });
        await serve(join(path, released.gguf.path), registered);
      } else if (lastOffer === null) {
        // Released before a restart.
        const kept = (await readJsonFile(record)) as ReleasedCheckpoint | undefined;
        if (kept !== undefined) await serve(join(path, kept.gguf.path), await publishCard(kept));
      }
      done = round;
    },
  };
}
