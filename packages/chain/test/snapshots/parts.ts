import { join } from 'node:path';
import { bytesToHex, type Crypto, utf8ToBytes } from '@cairn/core';
import {
  type ChainState,
  createManualTime,
  createMemoryStore,
  type ManualTime,
  openChainState,
  type ReplaceableStore,
} from '../../src/index.ts';
import { type NodeSnapshots, openSnapshots } from '../../src/snapshots/open-snapshots.ts';
import { aFolder, aLogger, crypto } from '../parts.ts';

const CHAIN_ID = crypto.sha256(utf8ToBytes('a chain'));

/** A state and its snapshots, without consensus. */
export interface SnapshotNode {
  readonly store: ReplaceableStore;
  readonly state: ChainState;
  readonly snapshots: NodeSnapshots;
  /** Where its snapshots lie. */
  readonly folder: string;
  readonly restored: number[];
  readonly time: ManualTime;
  /** Makes blocks, each of these changes. */
  advance(...blocks: readonly Readonly<Record<string, Uint8Array | null>>[]): Promise<void>;
}

export interface SnapshotNodeOptions {
  readonly store?: ReplaceableStore;
  readonly folder?: string;
  readonly crypto?: Crypto;
  readonly chainId?: Uint8Array;
  readonly interval?: number;
  readonly keep?: number;
  readonly lifeMs?: number;
}

export async function aSnapshotNode(options: SnapshotNodeOptions = {}): Promise<SnapshotNode> {
  const { store = createMemoryStore(), folder = join(aFolder(), 'snapshots'), chainId = CHAIN_ID } = options;
  const state = openChainState({ crypto, store }, { folder });
  if (state.meta === null) await state.begin(chainId, 0n, [{ key: 'genesis', value: Uint8Array.of(1) }]);
  const restored: number[] = [];
  const time = createManualTime(0);
  const snapshots = openSnapshots(
    {
      ...{ store, state, timer: time.timer },
      crypto: options.crypto ?? crypto,
      logger: aLogger(),
      isWanted: () => (state.meta?.height ?? 0n) === 0n,
      onRestored: (height) => restored.push(height),
    },
    {
      folder,
      interval: options.interval ?? 0,
      ...(options.keep === undefined ? {} : { keep: options.keep }),
      ...(options.lifeMs === undefined ? {} : { lifeMs: options.lifeMs }),
    },
  );
  return {
    ...{ store, state, snapshots, folder, restored, time },
    async advance(...blocks) {
      for (const changes of blocks) {
        const height = state.meta!.height + 1n;
        state.stage(Object.entries(changes).map(([key, value]) => ({ key, value })));
        await state.commit({
          height,
          timeMs: height,
          blockHash: crypto.sha256(Uint8Array.of(Number(height))),
        });
        snapshots.committed(Number(height));
      }
    },
  };
}

/** A value of so many bytes that no other name has. */
export function aValue(name: string, sizeBytes = 40): Uint8Array {
  const hash = crypto.sha256(utf8ToBytes(name));
  return new Uint8Array(sizeBytes).map((_, at) => hash[at % 32]! ^ (at >> 8));
}

/** A state of several pieces at height 3, of which a snapshot was taken. */
export async function aServer(options: SnapshotNodeOptions = {}): Promise<SnapshotNode> {
  const server = await aSnapshotNode(options);
  const large = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `big/${i.toString().padStart(2, '0')}`,
      aValue(`big ${i}`, 900_000),
    ]),
  );
  await server.advance(large, { 'a/1': aValue('one'), 'z/9': aValue('nine') }, { 'a/1': aValue('two') });
  await server.snapshots.take();
  await server.advance({}, {});
  return server;
}

/** All keys of a state, each with the hash of its value. */
export function valuesOf({ state }: Pick<SnapshotNode, 'state'>): [string, string][] {
  return [...state.view.keys('')].map((key) => [key, bytesToHex(crypto.sha256(state.view.get(key)!))]);
}
