import { areBytesEqual } from '@cairn/core';
import { expect, it } from 'vitest';
import type { CometChain } from '../../src/index.ts';
import { nodeIdOf } from '../../src/index.ts';
import { aFolder, alice, aTransfer, bob, crypto } from '../parts.ts';
import { aCometChain, genesisOf, seedOf } from './cometbft.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { freePorts } from './free-ports.ts';
import { processesWith, until } from './processes.ts';

const NAMES = ['north', 'east', 'south', 'west'];
const genesis = genesisOf(NAMES);

interface Town extends AsyncDisposable {
  readonly nodes: CometChain[];
  readonly folders: string[];
  start(index: number): Promise<void>;
}

async function aTown(): Promise<Town> {
  const ports = await freePorts(NAMES.length);
  const addresses = NAMES.map(
    (name, at) => `${nodeIdOf(crypto, seedOf(`${name}/node`))}@127.0.0.1:${ports[at]}`,
  );
  const folders = NAMES.map(() => aFolder());
  const nodes: CometChain[] = [];
  const start = async (index: number): Promise<void> => {
    nodes[index] = await aCometChain(NAMES[index]!, {
      folder: folders[index]!,
      genesis,
      listen: `tcp://127.0.0.1:${ports[index]}`,
      peers: addresses.filter((_, at) => at !== index),
      blockIntervalMs: 200,
    });
    await nodes[index].engine.start();
  };
  await Promise.all(NAMES.map((_, index) => start(index)));
  return {
    nodes,
    folders,
    start,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

const heights = (nodes: readonly CometChain[]) => nodes.map(({ application }) => application.info().height);

async function expectOneHistory(nodes: readonly CometChain[]): Promise<void> {
  const height = Math.min(...heights(nodes));
  for (let at = 1; at <= height; at++) {
    const roots = new Set(
      await Promise.all(nodes.map(async ({ ledger }) => (await ledger.block(at))!.appHash)),
    );
    expect(roots.size, `roots of block ${at}`).toBe(1);
  }
}

describeWithCometbft('four validators', () => {
  it('agree on every root, go on without one, stop without two, and go on when they are back', async () => {
    await using town = await aTown();
    const { nodes } = town;
    const sent: string[] = [];
    const nonces = new Map([alice, bob].map((signer) => [signer, 0n]));
    const send = async (from: typeof alice, via: number): Promise<void> => {
      const nonce = nonces.get(from)!;
      nonces.set(from, nonce + 1n);
      const result = await nodes[via]!.ledger.submitAndWait(await aTransfer({ genesis, from, nonce }));
      expect(result.ok, result.problem?.message).toBe(true);
      sent.push(result.id!);
    };
    for (let round = 0; round < 4; round++)
      await Promise.all([send(alice, round), send(bob, (round + 1) % 4)]);

    // Without one.
    await nodes[3]!.close();
    const before = nodes[0]!.application.info().height;
    await send(alice, 0);
    await until('three make blocks', () => nodes[0]!.application.info().height > before + 3);
    await town.start(3);
    await until(
      'the fourth has caught up',
      () => heights(nodes)[3]! >= nodes[0]!.application.info().height - 1,
    );

    // One whose CometBFT is killed at any moment comes back by itself.
    for (let kill = 0; kill < 3; kill++) {
      for (const pid of processesWith('cometbft', town.folders[kill]!)) process.kill(pid, 'SIGKILL');
      await send(bob, (kill + 1) % 4);
    }

    // Without two nothing is decided.
    await Promise.all([nodes[2]!.close(), nodes[3]!.close()]);
    await until('what was on its way is done', async () => {
      const [one] = heights(nodes);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return one === heights(nodes)[0];
    });
    const stalledAt = heights(nodes).slice(0, 2);
    const waiting = await nodes[0]!.ledger.submit(
      await aTransfer({ genesis, from: alice, nonce: nonces.get(alice)! }),
    );
    expect(waiting.ok).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(heights(nodes).slice(0, 2)).toEqual(stalledAt);
    await Promise.all([town.start(2), town.start(3)]);
    await until('what waited is in a block', async () => {
      return (await nodes[1]!.ledger.transaction(waiting.id!))?.ok === true;
    });
    sent.push(waiting.id!);

    const height = Math.max(...heights(nodes));
    await until('all have the blocks of the furthest, and one more', () =>
      heights(nodes).every((at) => at > height),
    );
    await expectOneHistory(nodes);
    for (const node of nodes) {
      for (const id of sent) expect((await node.ledger.transaction(id))?.ok, id).toBe(true);
      expect(node.engine.failure).toBe(null);
    }
    const proposers = new Set<string>();
    for (let at = 1; at <= height; at++) proposers.add((await nodes[0]!.ledger.block(at))!.header.proposer);
    expect(proposers.size).toBe(4);
    expect(areBytesEqual(nodes[0]!.application.info().chainId!, nodes[3]!.application.info().chainId!)).toBe(
      true,
    );
  }, 180_000);
});
