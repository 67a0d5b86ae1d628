import { createManualTime, createMemoryStore, openChain } from '@cairn/chain';
import { accountIdToAddress, hexToBytes, type Random, type Signer } from '@cairn/core';
import type { ModelCard } from '@cairn/ledger';
import { createMemoryNetwork, type Frame } from '@cairn/network';
import type { GenerateEvent, GenerateRequest, LoadedModel, RecordStore } from '@cairn/protocol';
import { createAccountClient } from '@cairn/sdk';
import { onTestFinished } from 'vitest';
import type { RoleKey } from '../../src/data/role-keys.ts';
import { createMetrics } from '../../src/real/metrics.ts';
import { startMinerRole } from '../../src/roles/miner-role.ts';
import type { NodeParts } from '../../src/roles/parts.ts';
import { startValidatorRole } from '../../src/roles/validator-role.ts';
import { bootstrapSubnet, createLocalAccounts, ensureModel } from '../../src/up/bootstrap.ts';
import type { LocalKeys, WorkerKeys } from '../../src/up/local-keys.ts';
import { aBlobStore, aRecordStore } from '../data/parts.ts';
import { accountOf, aLog, aSigner, crypto } from '../rpc/parts.ts';

const START_MS = 1_700_000_000_000;
const TASKS = 4;

async function unsupported(): Promise<never> {
  throw new Error('the model of this test only generates');
}

/** Not a model: answers by a rule of the test, one word per token. */
export function aModel(answer: (question: string) => string | Promise<string>): LoadedModel {
  const words = (text: string) => text.split(/(?<= )/).map((_, index) => index + 1);
  const textOf = ({ prompt }: Pick<GenerateRequest, 'prompt'>) =>
    prompt.kind === 'chat' ? prompt.messages.map(({ content }) => content).join(' ') : '';
  return {
    capabilities: {
      contextTokens: 4096,
      tokenIds: true,
      logprobs: null,
      seed: null,
      prefill: null,
      embed: null,
    },
    embed: unsupported,
    logprobs: unsupported,
    selfTest: unsupported,
    tokenize: async (prompt) => words(prompt.kind === 'text' ? prompt.text : textOf({ prompt })),
    async *generate(request): AsyncGenerator<GenerateEvent> {
      const text = await answer(textOf(request));
      const tokenIds = words(text);
      yield { type: 'delta', text, tokenIds, logprobs: null };
      yield {
        type: 'end',
        finishReason: 'stop',
        promptTokens: words(textOf(request)).length,
        cachedTokens: 0,
        completionTokens: tokenIds.length,
        seed: null,
      };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const roleKey = (signer: Signer): RoleKey => {
  const account = accountOf(signer);
  return { account, address: accountIdToAddress(account), signer };
};
const workerKeys = (name: string): WorkerKeys => ({
  name,
  coldkey: roleKey(aSigner(`${name} coldkey`)),
  hotkey: roleKey(aSigner(`${name} hotkey`)),
});

function aCard(owner: Uint8Array): ModelCard {
  return {
    name: 'cairn/stub',
    version: '1',
    owner,
    kind: 'chat',
    description: 'Answers by a rule.',
    artifacts: [
      {
        path: 'stub.gguf',
        format: 'gguf',
        quantisation: 'F16',
        sizeBytes: 1n,
        sha256: new Uint8Array(32).fill(2),
        merkleRoot: new Uint8Array(32).fill(3),
      },
    ],
    parameters: 1n,
    contextTokens: 4096,
    licence: 'Apache-2.0',
    parents: [],
    capabilities: [],
    royaltyBps: 0,
  };
}

/** Bytes that follow from a name, so that a test knows every salt that may be drawn. */
export function aRandom(name: string): Random & { readonly drawn: Uint8Array[] } {
  const drawn: Uint8Array[] = [];
  return {
    drawn,
    bytes(length) {
      const bytes = crypto.sha256(new TextEncoder().encode(`${name} ${drawn.length}`)).slice(0, length);
      drawn.push(bytes);
      return bytes;
    },
  };
}

/** Lets everything that waits on promises go on. */
async function settle(turns = 60): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A subnet on a real chain with manual time: miners of stub models, one validator at a time. */
export async function aSubnetTown(models: readonly LoadedModel[], tempo = 12) {
  const keys: LocalKeys = {
    owner: roleKey(aSigner('owner')),
    consensus: roleKey(aSigner('consensus')),
    gateway: roleKey(aSigner('gateway')),
    miners: models.map((_, index) => workerKeys(`miner-${index}`)),
    validators: [workerKeys('validator')],
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
        funds: funds.map(({ account }) => ({ account, amount: 20_000_000_000_000n })),
      },
    },
  );
  onTestFinished(() => chain.close());
  const frames: Frame[] = [];
  const network = createMemoryNetwork({
    onFrame(frame) {
      frames.push(frame);
      return 'pass';
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
  for (const [index, model] of models.entries()) {
    const { name, hotkey } = keys.miners[index]!;
    const role = await during(
      startMinerRole(parts, {
        name,
        note: 'a stub',
        client: accounts.workers.get(name)!.hotkey,
        transport: network.join(hotkey.address),
        records: aRecordStore(),
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
          },
          maxConcurrency: 4,
          contextTokens: 4096,
          capabilities: ['tokenIds'],
          tier: 1,
          retainsData: false,
          trainsOnData: false,
          expirySlot: 1_000_000n,
          peer: hotkey.address,
        },
      }),
    );
    onTestFinished(() => role[Symbol.asyncDispose]());
  }
  const blobs = aBlobStore();
  const validatorKey = keys.validators[0]!.hotkey;

  function startValidator(records: RecordStore, random = aRandom('validator')) {
    // A client of its own, as after a restart.
    const client = createAccountClient({ crypto, signer: validatorKey.signer, ledger: chain.ledger });
    const role = startValidatorRole(
      { ...parts, random },
      {
        name: 'validator',
        netuid,
        client,
        coldkey: keys.validators[0]!.coldkey.address,
        transport: network.join(validatorKey.address),
        records,
        blobs,
        tasks: TASKS,
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
  return {
    chain,
    parts,
    log,
    frames,
    blobs,
    netuid,
    keys,
    accounts,
    validatorKey,
    validatorUid,
    minerUids,
    block,
    until,
    during,
    startValidator,
    weights,
    scored,
  };
}
