import { createManualTime, createMemoryStore, createNativeSealCrypto, openChain } from '@cairn/chain';
import { hexToBytes, type Random } from '@cairn/core';

import type { Beacon } from '@cairn/ledger';
import { createMemoryNetwork, type Frame, type MemoryNetworkOptions } from '@cairn/network';

import type { BlobStore, LedgerWriter, LoadedModel, RecordStore } from '@cairn/protocol';
import { createAccountClient } from '@cairn/sdk';
import { onTestFinished } from 'vitest';
import { attestedDataOf } from '../../src/attestation/attested-data.ts';
import type { BeaconSource } from '../../src/beacon/beacon-source.ts';
import { createMetrics } from '../../src/real/metrics.ts';
import { type MinerRole, startMinerRole } from '../../src/roles/miner-role.ts';
import type { NodeParts } from '../../src/roles/parts.ts';
import { startValidatorRole } from '../../src/roles/validator-role.ts';
import { openSealingKeys } from '../../src/sealing/sealing-keys.ts';
import { bootstrapSubnet, createLocalAccounts, ensureModel } from '../../src/up/bootstrap.ts';
import type { LocalKeys } from '../../src/up/local-keys.ts';
import { aBlobStore, aFolder, aRecordStore } from '../data/parts.ts';
import { aLog, aSigner, crypto } from '../rpc/parts.ts';
import { aCard, aRandom, roleKey, workerKeys } from './cast.ts';

const START_MS = 1_700_000_000_000;
const TASKS = 4;

/** Lets everything that waits on promises go on. */
async function settle(turns = 60): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export interface SubnetTownOptions {
  readonly tempo?: number;
  /** How many validators have a permit. @default 1 */
  readonly validators?: number;
  /** The randomness beacon of the network. @default none */
  readonly beacon?: Beacon;
  /** Whether the miners have sealing keys on the ledger. @default true */
  readonly sealed?: boolean;
  /** What hardware says of a miner, given what its quote has to hold. @default they claim none */
  readonly quote?: (reportData: Uint8Array) => Uint8Array;
  /** What happens to frames on their way. @default all pass */
  readonly onFrame?: (frame: Frame) => ReturnType<NonNullable<MemoryNetworkOptions['onFrame']>>;
}

/** A subnet on a real chain with manual time, with miners of stub models. */
export async function aSubnetTown(
  models: readonly LoadedModel[],
  {
    tempo = 12,
    validators = 1,
    beacon,
    sealed = true,
    quote,
    onFrame = () => 'pass',
  }: SubnetTownOptions = {},
) {
  const keys: LocalKeys = {
    owner: roleKey(aSigner('owner')),
    consensus: roleKey(aSigner('consensus')),
    gateway: roleKey(aSigner('gateway')),
    miners: models.map((_, index) => workerKeys(`miner-${index}`)),
    validators: Array.from({ length: validators }, (_, index) =>
      workerKeys(index === 0 ? 'validator' : `validator-${index}`),
    ),
  };
  const time = createManualTime(START_MS + 1_000);
  const log = aLog();
  const funds = [
    keys.owner,
    keys.gateway,
    ...[...keys.miners, ...keys.validators].flatMap(({ coldkey, hotkey }) => [coldkey, hotkey]),
  ];
  const chain = await openChain(
    {
      crypto,
      clock: time.clock,
      timer: time.timer,
      logger: log,
      signer: keys.owner.signer,
      store: createMemoryStore(),
    },
    {
      folder: '/none',
      genesis: {
        name: 'cairn-test',
        kind: 'local',
        timeMs: BigInt(START_MS),
        salt: new Uint8Array(32),
        parameters: Object.entries({
          slotMs: 1_000n,
          minTempo: 5n,
          defaultTempo: BigInt(tempo),
          defaultImmunitySlots: 1_000n,
          defaultWeightsRateLimitSlots: 1n,
          defaultRegistrationsPerBlock: 16n,
        }).map(([name, value]) => ({ name, value })),
        validators: [],
        beacon: beacon ?? null,
        funds: funds.map(({ account }) => ({ account, amount: 20_000_000_000_000n })),
      },
    },
  );
  onTestFinished(() => chain.close());
  const frames: Frame[] = [];
  const network = createMemoryNetwork({
    onFrame(frame) {
      frames.push(frame);
      return onFrame(frame);
    },
  });
  const parts: NodeParts = {
    crypto,
    clock: time.clock,
    random: aRandom('shared'),
    timer: time.timer,
    log,
    metrics: createMetrics(),
    chainId: hexToBytes(chain.ledger.chainId),
    ledger: chain.ledger,
  };

  async function block(): Promise<void> {
    await settle();
    await time.advance(1_000);
    await chain.engine.produceBlock();
    await settle();
  }
  /** Makes blocks until it is so. */
  async function until(what: string, isSo: () => boolean | Promise<boolean>, most = 150): Promise<void> {
    for (let made = 0; made < most; made++) {
      if (await isSo()) return;
      await block();
    }
    throw new Error(`${most} blocks passed without: ${what}\n${log.lines.slice(-15).join('\n')}`);
  }
  async function during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    await until('the work is done', () => isDone);
    return done;
  }

  const accounts = createLocalAccounts(parts, keys);
  const netuid = await during(bootstrapSubnet(parts, keys, accounts));
  const card = aCard(keys.owner.account);
  const modelId = await during(ensureModel(parts, accounts.owner, card));
  const miners: MinerRole[] = [];
  for (const [index, model] of models.entries()) {
    const { name, hotkey } = keys.miners[index]!;
    const sealing = sealed ? await openSealingKeys(aFolder(), createNativeSealCrypto()) : null;
    const role = await during(
      startMinerRole(parts, {
        name,
        note: 'a stub',
        client: accounts.workers.get(name)!.hotkey,
        transport: network.join(hotkey.address),
        records: aRecordStore(),
        ...(sealing === null ? {} : { sealing }),
        ...(sealing === null || quote === undefined
          ? {}
          : {
              quote: quote(
                attestedDataOf(crypto, {
                  chainId: parts.chainId,
                  provider: hotkey.account,
                  sealing: sealing.current.public,
                }),
              ),
            }),
        model,
        terms: {
          netuid,
          model: modelId,
          artifact: card.artifacts[0]!.sha256,
          price: {
            inputPerMillion: 1_000n,
            cachedInputPerMillion: 1_000n,
            outputPerMillion: 1_000n,
            perRequest: 1n,
            perImage: 0n,
            perAudioSecond: 0n,
          },
          maxConcurrency: 4,
          contextTokens: 4096,
          capabilities: ['tokenIds'],
          tier: quote === undefined ? 1 : 3,
          retainsData: false,
          trainsOnData: false,
          expirySlot: 1_000_000n,
          regions: [],
          peer: hotkey.address,
        },
      }),
    );
    miners.push(role);
    // What it waits for at its end may need a block.
    onTestFinished(() => during(Promise.resolve(role[Symbol.asyncDispose]())));
  }
  const blobs = aBlobStore();
  const validatorKey = keys.validators[0]!.hotkey;

  interface Start {
    readonly random?: Random;
    /** Which of the validators. @default 0 */
    readonly index?: number;
    readonly blobs?: BlobStore;
    /** What its hotkey sends through. @default the chain */
    readonly writer?: LedgerWriter;
    /** @default nobody brings pulses in */
    readonly source?: BeaconSource;
  }
  function startValidator(
    records: RecordStore,
    {
      random = aRandom('validator'),
      index = 0,
      blobs: own = blobs,
      writer = chain.ledger,
      source,
    }: Start = {},
  ) {
    const { name, coldkey, hotkey } = keys.validators[index]!;
    // A client of its own, as after a restart.
    const client = createAccountClient({
      crypto,
      signer: hotkey.signer,
      ledger: { ...chain.ledger, submit: writer.submit, submitAndWait: writer.submitAndWait },
    });
    const role = startValidatorRole(
      { ...parts, random },
      {
        name,
        netuid,
        client,
        coldkey: coldkey.address,
        transport: network.join(hotkey.address),
        records,
        blobs: own,
        peerOf: (address) => address,
        tasks: TASKS,
        ...(source !== undefined && { beacon: source }),
      },
    );
    const stop = () => during(Promise.resolve(role[Symbol.asyncDispose]()));
    onTestFinished(stop);
    return { stop };
  }

  async function uidOf(address: string): Promise<number> {
    const { neurons } = await chain.ledger.query<{ neurons: { uid: number; hotkey: string }[] }>(
      'subnets_metagraph',
      { netuid },
    );
    return neurons.find(({ hotkey }) => hotkey === address)!.uid;
  }
  const validatorUid = await uidOf(validatorKey.address);
  const minerUids = await Promise.all(keys.miners.map(({ hotkey }) => uidOf(hotkey.address)));
  const weights = () =>
    chain.ledger.query<{ uids: number[]; values: number[]; evidenceRoot: string } | null>('yuma_weights', {
      netuid,
      uid: validatorUid,
    });
  const scored = () =>
    log.lines.filter((line) => line.includes('"epoch scored"') && line.includes('answers')).length;
  /** Epochs whose weights came into force. */
  const revealed = () => log.lines.filter((line) => line.includes('"weights revealed"')).length;
  return {
    chain,
    parts,
    log,
    frames,
    network,
    blobs,
    netuid,
    keys,
    accounts,
    validatorKey,
    validatorUid,
    uidOf,
    minerUids,
    miners,
    block,
    until,
    during,
    startValidator,
    weights,
    scored,
    revealed,
  };
}
