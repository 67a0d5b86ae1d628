import { isAbsolute, join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import { bytesToHex } from '@cairn/core';
import type { DownloadProgress } from '@cairn/engines';
import { offerIdOf, type Price, priceShape } from '@cairn/ledger';
import { createAccountClient } from '@cairn/sdk';
import { type DataFolder, readJsonFile, writeJsonFile } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import type { RegisteredCard } from '../member/find-card.ts';
import { resolveModel, resolveUpstream, type UpstreamModelSource } from '../models/resolve-model.ts';
import { serveModel } from '../models/serve-model.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { openSealingKeys } from '../sealing/sealing-keys.ts';
import type { LocalAccounts } from './bootstrap.ts';
import type { LocalModels } from './local-models.ts';
import { LOCAL_MINERS } from './plan.ts';

/** A model that a person added to the running network. */
export interface ServeRequest {
  /** A path, an https URL, `hf:owner/repo/file.gguf` or `ollama:name`. */
  readonly source: string;
  /** `owner/model`. @default `local/` and the file's name */
  readonly name?: string;
  readonly price: Price;
  /** Role that serves it as long as this node runs: not at the next start. @default a new one, which stays */
  readonly role?: string;
  /** The card it is served under. @default a new one */
  readonly registered?: RegisteredCard;
  /** Serves it through this server instead, until it is withdrawn or the node stops: not at the next start. */
  readonly upstream?: Omit<UpstreamModelSource, 'path'>;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

export interface Served {
  /** Name of the role that serves it. */
  readonly miner: string;
  readonly model: string;
  /** SHA-256 of the file in hex. */
  readonly artifact: string;
  /** Id of the offer in hex. */
  readonly offer: string;
}

export interface ServedModelsParts {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly accounts: LocalAccounts;
  readonly peers: NodePeers;
  readonly models: LocalModels;
}

export interface ServedModelsOptions {
  readonly threads: number;
  readonly ollamaUrl: string;
}

export interface ServedModels extends AsyncDisposable {
  readonly roles: readonly RunningRole[];
  /** Loads and offers a model, and remembers it for the next start unless it was asked for this one only. */
  serve(request: ServeRequest): Promise<Served>;
  /** Ends serving what was added since the start, and takes the offer back. False: nothing with this id is. */
  withdraw(offer: string): Promise<boolean>;
  /** Serves again what was served before. A model that is gone is a warning, not the end. */
  resume(): Promise<void>;
}

/** Context of an added model: enough for a conversation, bounded so that several fit in memory. */
const MAX_CONTEXT_TOKENS = 4_096;

interface KeptModel {
  readonly source: string;
  readonly name?: string;
  readonly price: unknown;
}

export function createServedModels(place: ServedModelsParts, options: ServedModelsOptions): ServedModels {
  const { parts, folder, accounts, peers, models } = place;
  const keptPath = join(folder.path, 'served.json');
  const roles: RunningRole[] = [];
  const disposals = new AsyncDisposableStack();
  const kept: KeptModel[] = [];
  let next = LOCAL_MINERS.length + 1;

  /** What is served now, by its source. */
  const running = new Map<string, Served>();
  const endings = new Map<string, () => Promise<void>>();

  async function start(request: ServeRequest): Promise<Served> {
    const { source, name, registered, price, upstream, onProgress } = request;
    const { role = `miner-${next++}` } = request;
    const resolveParts = { ...parts, folder: join(folder.path, 'models'), ollamaUrl: options.ollamaUrl };
    const resolved =
      upstream === undefined
        ? await resolveModel({ ...resolveParts, ...(onProgress === undefined ? {} : { onProgress }) }, source)
        : await resolveUpstream(parts, {
            ...upstream,
            ...(isAbsolute(source) && /\.gguf$/i.test(source) ? { path: source } : {}),
          });
    const key = await openRoleKey(folder, parts.crypto, role, 'hotkey');
    const served = await serveModel(
      { ...parts, llama: models.engine, owner: accounts.owner },
      {
        role,
        key,
        peers,
        records: openRecordStore(folder.rolePath(role)),
        sealing: await openSealingKeys(folder.keysPath(role), createNativeSealCrypto()),
        resolved,
        ...(name === undefined ? {} : { name }),
        ...(registered === undefined ? {} : { findCard: async () => registered }),
        price,
        threads: options.threads,
        isPassing: request.role !== undefined,
        maxContextTokens: MAX_CONTEXT_TOKENS,
      },
    );
    const owned = disposals.use(new AsyncDisposableStack());
    owned.use(served.loaded);
    owned.use(served.role);
    roles.push(served.role);
    const offer = offerIdOf(parts.crypto, key.account, served.role.terms);
    const client = createAccountClient({ crypto: parts.crypto, signer: key.signer, ledger: parts.ledger });
    endings.set(bytesToHex(offer), async () => {
      await client.send('registry.withdrawOffer', { offer });
      roles.splice(roles.indexOf(served.role), 1);
      await owned.disposeAsync();
      running.delete(source);
      const at = kept.findIndex((entry) => entry.source === source);
      if (at === -1) return;
      kept.splice(at, 1);
      await writeJsonFile(keptPath, kept);
    });
    const done = {
      miner: role,
      model: served.card.name,
      artifact: bytesToHex(resolved.artifact.sha256),
      offer: bytesToHex(offer),
    };
    running.set(source, done);
    return done;
  }

  return {
    roles,
    async serve(request) {
      const isLocal = request.upstream === undefined && !/^(https|hf|ollama):/.test(request.source);
      if (isLocal && !isAbsolute(request.source)) {
        const reason = `The path ${request.source} is relative; a running node wants an absolute one.`;
        throw new NodeError({ code: 'START_FAILED', step: 'serve' }, reason);
      }
      const added = request.role === undefined ? undefined : running.get(request.source);
      if (added !== undefined) return added;
      const served = await start(request);
      // A release is served again by who released it.
      if ((request.role ?? request.upstream ?? request.registered) !== undefined) return served;
      const entry = { source: request.source, price: priceShape.toJson(request.price) };
      kept.push({ ...entry, ...(request.name === undefined ? {} : { name: request.name }) });
      await writeJsonFile(keptPath, kept);
      return served;
    },
    async withdraw(offer) {
      const end = endings.get(offer);
      if (end === undefined) return false;
      endings.delete(offer);
      await end();
      return true;
    },
    async resume() {
      const stored = ((await readJsonFile(keptPath)) ?? []) as readonly KeptModel[];
      for (const entry of stored) {
        kept.push(entry);
        try {
          await start({ ...entry, price: priceShape.fromJson(entry.price) });
        } catch (error) {
          parts.log.warn('a model could not be served again', { source: entry.source, error: String(error) });
        }
      }
    },
    [Symbol.asyncDispose]: () => disposals.disposeAsync(),
  };
}
