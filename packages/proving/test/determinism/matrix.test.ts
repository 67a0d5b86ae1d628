import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ApplicationParts,
  createApplication,
  createInlineVerifier,
  createMemoryStore,
  createNativeCrypto,
  openChainState,
} from '@cairn/chain';
import { bytesToHex, createPureCrypto } from '@cairn/core';
import { genesisShape, parseTransaction } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { type Recording, readBlock, readGenesis, recordBlock } from '../../src/determinism/recording.ts';
import { replayRecording } from '../../src/determinism/replay-recording.ts';
import { createSeededRandom } from '../../src/simulation/seeded-random.ts';
import { simulateLedger } from '../../src/simulation/simulate.ts';

const SEED = 8;
const BLOCKS = 40;

const blocks: ReturnType<typeof recordBlock>[] = [];
let recordedGenesis: unknown;
const { roots } = simulateLedger({
  seed: SEED,
  blocks: BLOCKS,
  onBlock(block, genesis) {
    recordedGenesis = genesisShape.toJson(genesis);
    blocks.push(recordBlock(block));
  },
});
const recording: Recording = { genesis: recordedGenesis, blocks };

const ROOM = fileURLToPath(new URL('../../', import.meta.url));

/** A program of Node, and what it runs: the source, or what the compiler made of it for those that cannot. */
interface Runtime {
  readonly node: string;
  readonly args: readonly string[];
}

const SOURCE = ['--conditions=source', join(ROOM, 'src/determinism/replay-child.ts')];

/** Whether the compiler has seen the source of these rooms as it is now. */
function isBuilt(rooms: readonly string[]): boolean {
  return rooms.every((room) => {
    const [source, info] = [join(ROOM, '..', room, 'src'), join(ROOM, '..', room, 'dist/.tsbuildinfo')];
    if (!existsSync(info)) return false;
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
    const newest = Math.max(...files.map((file) => statSync(join(source, file)).mtimeMs));
    return newest <= statSync(info).mtimeMs;
  });
}

const OWN: Runtime = { node: process.execPath, args: SOURCE };

/** Where `scripts/provision` puts another version when the path has none. */
function provisioned(): string {
  const { CAIRN_CACHE, XDG_CACHE_HOME } = process.env;
  return join(
    CAIRN_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'cairn'),
    'other-node/bin/node',
  );
}

/** Programs of other versions of Node that can run what the compiler made, one of each version. */
function otherNodes(): ReadonlyMap<string, Runtime> {
  const built = join(ROOM, 'dist/determinism/replay-child.js');
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = [...folders.map((folder) => join(folder, 'node')), provisioned()]
    .filter((node) => existsSync(node))
    .map((node) => [versionOf(node), { node, args: [built] }] as const)
    .filter(([version]) => version !== process.version && Number(version.slice(1).split('.')[0]) >= 20);
  return new Map(found);
}

const versionOf = (node: string): string => spawnSync(node, ['--version']).stdout.toString().trim();

function replayOn({ node, args }: Runtime, environment: Record<string, string> = {}): string[] {
  const { stdout, stderr, status } = spawnSync(node, [...args], {
    input: JSON.stringify(recording),
    env: { PATH: process.env.PATH ?? '', ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${node} ended with ${status}: ${stderr.toString().slice(-2_000)}`);
  return (JSON.parse(stdout.toString()) as { roots: string[] }).roots;
}

/** Each transaction is read and its signature checked each time anew. */
const NOTHING_KNOWN: NonNullable<ApplicationParts['known']> = {
  parse: (tx) => parseTransaction(createPureCrypto(), tx),
  isVerified: () => false,
  setVerified: () => undefined,
};

/** The row of browsers is in test/determinism-browser.test.ts, over the same blocks. */
describe(`${BLOCKS} blocks of all modules, seed ${SEED}`, () => {
  it('come out the same with the hash and signature code of browsers', () => {
    expect(replayRecording(createPureCrypto(), recording)).toEqual(roots);
  });

  it('come out the same in whatever order changes are written', () => {
    const random = createSeededRandom(SEED);
    const shuffled = replayRecording(createNativeCrypto(), recording, {
      reorder: (changes) =>
        changes
          .map((change) => ({ change, at: random.below(1_000_000) }))
          .sort((a, b) => a.at - b.at)
          .map(({ change }) => change),
    });
    expect(shuffled).toEqual(roots);
  });

  it('come out the same when the state is exported and imported on the way', () => {
    for (const copyBefore of [1, BLOCKS / 2, BLOCKS]) {
      expect(
        replayRecording(createNativeCrypto(), recording, { copyBefore }),
        `before ${copyBefore}`,
      ).toEqual(roots);
    }
  });

  it.each([
    ['everything cached that a node caches', { keyCacheSize: 16_384 }, true],
    ['caches off', { keyCacheSize: 0 }, false],
  ] as const)('come out the same over a store, with %s', async (_, options, isCached) => {
    const crypto = createNativeCrypto(options);
    const state = openChainState({ crypto, store: createMemoryStore() }, { folder: 'memory', undoBlocks: 1 });
    const application = createApplication(
      {
        ...{ crypto, state, verifier: createInlineVerifier(crypto) },
        ...(isCached ? {} : { known: NOTHING_KNOWN }),
      },
      { folder: 'memory' },
    );
    await application.initChain(readGenesis(recording));
    for (const [at, recorded] of recording.blocks.entries()) {
      const block = readBlock(recorded);
      // As the mempool does: what passes is remembered as verified.
      if (isCached) for (const tx of block.txs) await application.checkTx(tx, 'new');
      const { appHash } = await application.finalizeBlock(block);
      await application.commit();
      expect(bytesToHex(appHash), `block ${recorded.height}`).toBe(roots[at]);
    }
  });

  it('come out the same in another place and language', () => {
    for (const [LANG, TZ] of [
      ['tr_TR.UTF-8', 'Pacific/Kiritimati'],
      ['ja_JP.UTF-8', 'America/St_Johns'],
    ] as const) {
      expect(replayOn(OWN, { LANG, LC_ALL: LANG, TZ }), `${LANG} ${TZ}`).toEqual(roots);
    }
  });

  it('come out the same without the optimising compiler', () => {
    expect(replayOn({ ...OWN, args: ['--no-opt', ...OWN.args] })).toEqual(roots);
  });

  const others = otherNodes();
  const isReady = isBuilt(['core', 'ledger', 'proving']);
  const why = others.size === 0 ? 'another Node, which scripts/provision brings' : 'what tsc -b makes';
  const versions = [process.version, ...others.keys()].join(' and ');
  const isTold = others.size > 0 && isReady;
  it.skipIf(!isTold)(`come out the same on Node ${isTold ? versions : `(skipped: needs ${why})`}`, () => {
    expect(replayOn(OWN)).toEqual(roots);
    for (const [version, other] of others) expect(replayOn(other), version).toEqual(roots);
  });
});
