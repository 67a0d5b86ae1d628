import { createMemoryStore, createNativeSealCrypto, openChain } from '@cairn/chain';
import { authorize, bytesToHex, hexToBytes, type Logger } from '@cairn/core';
import { createLlamaEngine } from '@cairn/engines';
import { hotkeySignBytes } from '@cairn/ledger';
import { createMemoryNetwork } from '@cairn/network';
import type { EventView, LoadedModel } from '@cairn/protocol';
import { createAccountClient } from '@cairn/sdk';
import { onTestFinished } from 'vitest';
import { createReviewers } from '../../src/checking/reviewers.ts';
import { readBundledModels } from '../../src/models/bundled.ts';
import { engineOf, offeredCapabilities } from '../../src/models/offered-capabilities.ts';
import { systemClock, systemRandom } from '../../src/real/clock.ts';
import { createMetrics } from '../../src/real/metrics.ts';
import { systemTimer } from '../../src/real/timer.ts';
import { type CheckingRole, startCheckingRole } from '../../src/roles/checking-role.ts';
import { startMinerRole } from '../../src/roles/miner-role.ts';
import type { NodeParts } from '../../src/roles/parts.ts';
import { openSealingKeys } from '../../src/sealing/sealing-keys.ts';
import { ensureModel } from '../../src/up/bootstrap.ts';
import { aBlobStore, aFolder, aRecordStore } from '../data/parts.ts';
import { aLog, aSigner, crypto } from '../rpc/parts.ts';
import { roleKey } from '../validator/cast.ts';

const CAIRN = 1_000_000_000n;
const STAKE = 100n * CAIRN;

export type Served = 'f16' | 'q8_0' | 'base';

export interface CheckingTownOptions {
  /** Voting power of each judge. @default three with the same */
  readonly powers?: readonly bigint[];
  readonly verdictSlots?: bigint;
  /** Whether the owner of the model says by which limits it is checked. @default true */
  readonly isCalibrated?: boolean;
}

/**
 * A chain with judges that makes its own blocks, and providers with real llama.cpp models of a registered card. All
 * of them say that they serve its f16 file.
 */
export async function aCheckingTown({
  powers = [4n, 3n, 3n],
  verdictSlots = 40n,
  isCalibrated = true,
}: CheckingTownOptions = {}) {
  const log = aLog();
  const key = (name: string) => roleKey(aSigner(name));
  const owner = key('owner');
  const judgeKeys = powers.map((_, at) => key(`judge-${at}`));
  const shopperKeys = powers.map((_, at) => key(`shopper-${at}`));
  const outsiderKeys = [key('outsider'), key('outsider-shopper')];
  const minerKeys = [0, 1, 2, 3].map((at) => ({ coldkey: key(`cold-${at}`), hotkey: key(`hot-${at}`) }));
  const funds = [
    owner,
    ...judgeKeys,
    ...shopperKeys,
    ...outsiderKeys,
    ...minerKeys.flatMap(({ coldkey, hotkey }) => [coldkey, hotkey]),
  ];
  const chain = await openChain(
    {
      crypto,
      clock: systemClock,
      timer: systemTimer,
      logger: log,
      signer: owner.signer,
      store: createMemoryStore(),
    },
    {
      folder: '/none',
      blockIntervalMs: 100,
      genesis: {
        name: 'cairn-test',
        kind: 'local',
        timeMs: BigInt(systemClock.nowMs()),
        salt: systemRandom.bytes(32),
        parameters: Object.entries({ slotMs: 100n, verdictSlots }).map(([name, value]) => ({ name, value })),
        validators: judgeKeys.map(({ account }, at) => ({
          publicKey: aSigner(`votes-${at}`).publicKey,
          account,
          power: powers[at]! * 1_000_000n,
        })),
        beacon: null,
        funds: funds.map(({ account }) => ({ account, amount: 1_000n * CAIRN })),
      },
    },
  );
  onTestFinished(() => chain.close());
  await chain.engine.start();
  const { ledger } = chain;
  const parts: NodeParts = {
    ...{ crypto, clock: systemClock, random: systemRandom, timer: systemTimer, log: log as Logger },
    metrics: createMetrics(),
    chainId: hexToBytes(ledger.chainId),
    ledger,
  };
  const clientOf = ({ signer }: { signer: typeof owner.signer }) =>
    createAccountClient({ crypto, signer, ledger });
  const network = createMemoryNetwork();
  const bundled = await readBundledModels(crypto, owner.account);
  const ownerClient = clientOf(owner);
  for (const { card } of bundled.cards) await ensureModel(parts, ownerClient, card);

  const llama = createLlamaEngine({ ...parts, log });
  onTestFinished(() => llama[Symbol.asyncDispose]());
  const find = (served: Served) =>
    bundled.artifacts.find(({ variant, quantisation }) =>
      served === 'base' ? variant === 'base' : variant === 'default' && quantisation.toLowerCase() === served,
    )!;
  async function load(served: Served): Promise<LoadedModel> {
    const file = { location: find(served).path, format: 'gguf' as const };
    const model = await llama.load(file, { contextTokens: 256, threads: 1 });
    onTestFinished(() => model[Symbol.asyncDispose]());
    return model;
  }
  const claimed = find('f16');
  const { id: modelId } = bundled.cards.find(({ variant }) => variant === 'default')!;
  const reviewing = await load('f16');
  const engine = engineOf({ capabilities: offeredCapabilities(reviewing.capabilities) })!;
  const calibration = bundled.calibrations.find(
    ({ artifact }) => bytesToHex(artifact) === bytesToHex(claimed.sha256),
  )!;
  if (isCalibrated)
    await ownerClient.send('verification.publishCalibration', {
      ...{ model: modelId, artifact: claimed.sha256, engine },
      calibration: crypto.sha256(calibration.bytes),
      sizeBytes: calibration.bytes.length,
    });

  /** Serves a model under the name and file of the registered f16, with stake behind it. */
  async function startMiner(at: number, model: LoadedModel) {
    const { coldkey, hotkey } = minerKeys[at]!;
    const cold = clientOf(coldkey);
    await cold.send('staking.associateHotkey', {
      hotkey: await authorize(hotkey.signer, hotkeySignBytes(parts.chainId, coldkey.account)),
    });
    await cold.send('staking.stake', { hotkey: hotkey.account, amount: STAKE });
    const blobs = aBlobStore();
    await blobs.put(calibration.bytes);
    const role = await startMinerRole(parts, {
      name: `miner-${at}`,
      note: '',
      client: clientOf(hotkey),
      transport: network.join(hotkey.address),
      records: aRecordStore(),
      sealing: await openSealingKeys(aFolder(), createNativeSealCrypto()),
      blobs,
      model,
      terms: {
        ...{ netuid: 0, model: modelId, artifact: claimed.sha256 },
        price: {
          inputPerMillion: 1_000n,
          cachedInputPerMillion: 1_000n,
          outputPerMillion: 1_000n,
          perRequest: 1n,
          perImage: 0n,
          perAudioSecond: 0n,
        },
        maxConcurrency: 4,
        contextTokens: 256,
        capabilities: offeredCapabilities(model.capabilities),
        tier: 1,
        retainsData: false,
        trainsOnData: false,
        expirySlot: 10_000_000n,
        regions: [],
        peer: hotkey.address,
      },
    });
    onTestFinished(() => role[Symbol.asyncDispose]());
    return hotkey.address;
  }

  async function startChecker(
    name: string,
    client: typeof owner,
    shopper: typeof owner,
    {
      models = [{ artifact: claimed.sha256, model: reviewing }],
      own = [],
    }: {
      readonly models?: readonly { artifact: Uint8Array; model: LoadedModel }[];
      /** Providers that it does not ask. */
      readonly own?: readonly Uint8Array[];
    } = {},
  ): Promise<CheckingRole> {
    const role = startCheckingRole(parts, {
      name,
      client: clientOf(client),
      shopper: clientOf(shopper),
      transport: network.join(client.address),
      shopperTransport: network.join(shopper.address),
      records: aRecordStore(),
      blobs: aBlobStore(),
      reviewers: createReviewers(models),
      nodes: [],
      own,
      async prepare(publish) {
        await publish(calibration.bytes);
      },
    });
    onTestFinished(() => role[Symbol.asyncDispose]());
    return role;
  }

  const stakeOf = async (hotkey: string) =>
    BigInt((await ledger.query<{ totalStake: string }>('staking_hotkey', { hotkey })).totalStake);
  const convicted = async (provider: string) =>
    (await ledger.query<{ verdicts: number }>('verification_provider', { provider })).verdicts;
  /** Waits for an event that is as asked; the test's own time limit ends it. */
  async function event(name: string, isIt: (data: Record<string, unknown>) => boolean): Promise<EventView> {
    for await (const found of ledger.events({ names: [name], from: 1 }))
      if (isIt(found.data as Record<string, unknown>)) return found;
    throw new Error(`the chain ended without ${name}`);
  }
  /** Waits until it is so, looked at after each block. */
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for await (const _ of ledger.events({ names: ['chain.committed'] })) if (await isSo()) return;
  }
  return {
    ...{ parts, log, ledger, network, load, startMiner, startChecker, stakeOf, convicted, event, until },
    minerAccounts: minerKeys.map(({ hotkey }) => hotkey.account),
    ...{ judgeKeys, shopperKeys, outsiderKeys, claimed, modelId, reviewing, bundled, engine, stake: STAKE },
  };
}
