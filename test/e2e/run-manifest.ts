import {
  createSeededRandom,
  type SeededRandom,
} from '../../packages/proving/src/simulation/seeded-random.ts';
import { aFolder } from '../support/running-network.ts';
import { createSenders, type Load, startLoad } from './load.ts';
import type { Conduct, Manifest, Step } from './manifest.ts';
import { type Network, startNetwork } from './network.ts';
import { setUpNetwork, TWIN } from './set-up.ts';
import { judgeNetwork, type Span, type Verdict } from './verdict.ts';

interface Run {
  readonly network: Network;
  readonly load: Load;
  readonly random: SeededRandom;
  readonly still: Span[];
  readonly say: (what: string) => void;
}

/**
 * Starts the network of a manifest under load, does to it what the manifest says, and judges the chains of its nodes.
 * Choices follow the seed; when things happen follows the machine.
 */
export async function runManifest(
  manifest: Manifest,
  seed: number,
  say: (what: string) => void = () => undefined,
): Promise<Verdict> {
  const random = createSeededRandom(seed);
  const senders = createSenders(manifest.senders);
  const setUp = await setUpNetwork(
    manifest,
    await aFolder(),
    senders.map(({ account }) => account),
  );
  await using network = await startNetwork(setUp.nodes[0]!.data.replace(/\/localnet\/.*/, ''), setUp);
  const load = startLoad(setUp.genesis, senders, () => network.running().map(({ url }) => url), random);
  const run: Run = { network, load, random, still: [], say };
  for (const [at, step] of manifest.steps.entries()) {
    await moreBlocks(network, step.afterBlocks ?? 2);
    say(`${at + 1}/${manifest.steps.length} ${JSON.stringify(step)}`);
    await take(run, step);
  }
  await moreBlocks(network, manifest.blocksAfter);
  await load.stop();
  await allAt(network, await network.top());
  // Awaited here: the network ends when this returns.
  return await judgeNetwork(network, load.acknowledged, run.still);
}

async function take({ network, random, still, say }: Run, step: Step): Promise<void> {
  switch (step.do) {
    case 'kill':
      await kill(network, step.node);
      return;
    case 'killAtRandom':
      for (let round = 0; round < step.times; round++) {
        const { name } = random.pick(network.kept());
        await pause(random.below(1_500));
        await kill(network, name);
        say(`  kill ${round + 1} of ${step.times}: ${name}, at block ${await network.top()}`);
      }
      return;
    case 'restart':
      network.terminate(step.node);
      await back(network, step.node, await network.top());
      return;
    case 'pause':
      network.signal(step.node, 'SIGSTOP');
      return;
    case 'resume':
      network.signal(step.node, 'SIGCONT');
      await back(network, step.node, await network.top());
      return;
    case 'cut':
      await cut(network, still, step);
      return;
    case 'start':
      await network.start(step.node);
      await back(network, step.node, await network.top());
      return;
    case 'join':
      await join(network, step.node, step.stake);
      return;
    case 'twin':
      await network.start(step.node + TWIN);
      return;
    case 'endTwin':
      await network.end(step.node + TWIN);
      return;
    case 'unjail':
      await unjail(network, step.node);
      return;
    case 'await':
      await awaitConduct(network, step.node, step.conduct);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @throws when it is not so in time, with what was last seen */
async function until(what: string, seconds: number, look: () => Promise<string | null>): Promise<void> {
  const deadlineMs = Date.now() + seconds * 1_000;
  for (;;) {
    const lacking = await look();
    if (lacking === null) return;
    if (Date.now() > deadlineMs) throw new Error(`not in ${seconds} s: ${what}; ${lacking}`);
    await pause(100);
  }
}

async function moreBlocks(network: Network, count: number): Promise<void> {
  const before = await network.top();
  await until(`${count} blocks after ${before}`, 60 + count, async () => {
    const top = await network.top();
    return top >= before + count ? null : `it is at ${top}`;
  });
}

async function allAt(network: Network, height: number): Promise<void> {
  for (const { name } of network.running()) await back(network, name, height);
}

/** Waits until a node has caught up. */
async function back(network: Network, name: string, height: number): Promise<void> {
  await until(`${name} at block ${height}`, 60, async () => {
    const at = await network.height(name);
    return at !== null && at >= height ? null : `it is at ${at ?? 'no block: it does not answer'}`;
  });
}

async function kill(network: Network, name: string): Promise<void> {
  const top = await network.top();
  if (network.signal(name, 'SIGKILL') < 3) throw new Error(`${name} did not run`);
  await back(network, name, top);
}

async function cut(
  network: Network,
  still: Span[],
  { nodes, seconds, chain }: Extract<Step, { do: 'cut' }>,
): Promise<void> {
  const fromMs = Date.now();
  network.links.cut(nodes);
  // What was being decided may still be.
  await pause(2_000);
  const before = await network.top();
  await pause(seconds * 1_000);
  const after = await network.top();
  if (chain === 'stops' && after !== before)
    throw new Error(`cut in half, the chain went on from ${before} to ${after}`);
  // The proposer may be one that was cut off, and rounds that fail take their time.
  if (chain === 'goesOn') await moreBlocks(network, 2);
  network.links.heal();
  if (chain === 'stops') still.push({ fromMs, toMs: Date.now() });
  await moreBlocks(network, 2);
  await allAt(network, await network.top());
}

async function join(network: Network, name: string, stake: string): Promise<void> {
  const { data } = network.node(name);
  const { wallets } = await network.json<{ wallets: { name: string; address: string }[] }>(
    name,
    'wallet',
    'list',
  );
  const owner = wallets.find((wallet) => wallet.name === 'owner')!.address;
  await network.json('node-1', 'wallet', 'send', owner, stake, '--from', 'owner', '--yes');
  await network.json(name, 'stake', 'add', 'role:owner', stake, '--wallet', 'owner', '--yes');
  const { root } = await network.json<{ root: { hotkey: string }[] }>(name, 'stake', 'list', 'owner');
  await network.json(name, 'wallet', 'send', root[0]!.hotkey, '10', '--from', 'owner', '--yes');
  const key = `${data}/keys/owner/consensus.key`;
  const joined = ['validator', 'join', '--wallet', 'role:owner', '--consensus-key', key, '--yes'];
  await network.json(name, ...joined);
  await awaitConduct(network, name, { hasPower: true });
}

async function unjail(network: Network, name: string): Promise<void> {
  const { validator } = network.node(name);
  const { entry } = await conductOf(network, name);
  const wallet = entry?.origin === 'stake' ? 'role:owner' : 'owner';
  await network.json(name, 'validator', 'unjail', validator, '--wallet', wallet, '--yes');
}

interface Shown {
  readonly entry: { readonly origin: string; readonly power: string } | null;
  readonly isJailed: boolean;
  readonly isTombstoned: boolean;
  readonly faults: readonly { readonly kind: string; readonly slashed: string }[];
}

/** As node 1 sees it. */
const conductOf = (network: Network, name: string): Promise<Shown> =>
  network.json<Shown>('node-1', 'validator', 'show', network.node(name).validator);

async function awaitConduct(network: Network, name: string, wanted: Conduct): Promise<void> {
  await until(`${name} with ${JSON.stringify(wanted)}`, 120, async () => {
    const shown = await conductOf(network, name);
    const last = shown.faults.at(-1);
    const isSo =
      isWanted(wanted.isJailed, shown.isJailed) &&
      isWanted(wanted.isTombstoned, shown.isTombstoned) &&
      isWanted(wanted.fault, last?.kind) &&
      isWanted(wanted.losesStake, BigInt(last?.slashed ?? 0) > 0n) &&
      isWanted(wanted.hasPower, BigInt(shown.entry?.power ?? 0) > 0n);
    return isSo ? null : JSON.stringify(shown);
  });
  if (wanted.says === undefined) return;
  const text = await network.text('node-1', 'validator', 'show', network.node(name).validator);
  if (!text.includes(wanted.says)) throw new Error(`validator show does not say ${wanted.says}: ${text}`);
}

const isWanted = <T>(wanted: T | undefined, found: T | undefined): boolean =>
  wanted === undefined || wanted === found;
