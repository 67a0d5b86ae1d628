import { createNativeCrypto, createNativeEd25519Signer, createNativeSealCrypto } from '@cairn/chain';
import {
  accountIdOf,
  areBytesEqual,
  bytesToHex,
  type Clock,
  concatBytes,
  hexToBytes,
  type Logger,
  type Random,
  utf8ToBytes,
} from '@cairn/core';
import { createEchoEngine, type EchoEngineOptions } from '@cairn/engines';
import { areTotalsSound, type Channel, isVoucherSignedBy, type Offer, type Price } from '@cairn/ledger';
import { createMemoryNetwork, type MemoryNetworkOptions } from '@cairn/network';
import {
  createSealingKey,
  type LoadedModel,
  type RecordStore,
  type SealingKey,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import { type ChannelLedger, createPayer, type InferParts, type Payer, type SealMode } from '@cairn/sdk';
import { createMiner, type MinerOptions } from '../../src/miner/miner.ts';
import { createPayee, type Payee } from '../../src/miner/payee.ts';
import type { Tracer } from '../../src/telemetry/tracer.ts';

export const crypto = createNativeCrypto();
export const chainId = crypto.sha256(utf8ToBytes('a test chain'));

export function aSigner(name: string) {
  const signer = createNativeEd25519Signer(crypto.sha256(utf8ToBytes(`key of ${name}`)));
  return { signer, account: accountIdOf(crypto, signer.scheme, signer.publicKey) };
}

function aClock(): Clock & { nowMs: () => number; advance(ms: number): void } {
  let now = 1_000_000;
  return {
    nowMs: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

function aLogger(): Logger {
  const logger: Logger = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    child: () => logger,
  };
  return logger;
}

function aRandom(): Random {
  let next = 0;
  return {
    bytes(length) {
      next += 1;
      const halves = [1, 2].map((half) => crypto.sha256(utf8ToBytes(`random ${next} ${half}`)));
      if (length > 64) throw new Error('this random has 64 bytes at a time');
      return concatBytes(...halves).slice(0, length);
    },
  };
}

/** Fires only when a test says so. */
function aTimer(): Timer & { fire(): Promise<void>; readonly waiting: number } {
  const actions = new Set<() => Promise<void> | void>();
  return {
    schedule(_delayMs, action) {
      const mine = () => action();
      actions.add(mine);
      return () => actions.delete(mine);
    },
    get waiting() {
      return actions.size;
    },
    async fire() {
      const due = [...actions];
      actions.clear();
      for (const action of due) await action();
    },
  };
}

/** Records in memory; `copy` is what a crash at this moment leaves behind. */
export function aRecordStore(from?: ReadonlyMap<string, Uint8Array>): RecordStore & { copy(): RecordStore } {
  const records = new Map(from);
  return {
    get: (key) => records.get(key),
    async set(key, record) {
      records.set(key, record.slice());
    },
    async delete(key) {
      records.delete(key);
    },
    keys: (prefix) => [...records.keys()].filter((key) => key.startsWith(prefix)).sort(),
    copy: () => aRecordStore(records),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Channels under the ledger's rules, without blocks. */
function aChannelLedger() {
  const channels = new Map<string, Channel>();
  const claims: { channel: string; amount: bigint }[] = [];
  const finds = { count: 0 };
  let held: Promise<void> = Promise.resolve();
  const get = (id: Uint8Array) => {
    const channel = channels.get(bytesToHex(id));
    if (channel === undefined) throw new Error('CHANNEL_UNKNOWN');
    return channel;
  };
  return {
    channels,
    claims,
    finds,
    /** Nobody is told of a channel before this is over. */
    holdFinds(until: Promise<void>) {
      held = until;
    },
    of(party: Uint8Array): ChannelLedger {
      return {
        async open(payee, netuid, deposit) {
          const id = crypto.sha256(utf8ToBytes(`channel ${channels.size}`));
          channels.set(bytesToHex(id), {
            payer: party,
            payee,
            netuid,
            deposited: deposit,
            claimed: 0n,
            totals: [],
            finalAt: 0n,
            openedHeight: 1n,
            recordDeposit: 0n,
          });
          return id;
        },
        async topUp(id, amount) {
          const channel = get(id);
          channels.set(bytesToHex(id), { ...channel, deposited: channel.deposited + amount });
        },
        async claim({ voucher, authorization }) {
          const channel = get(voucher.channel);
          if (!areBytesEqual(channel.payee, party)) throw new Error('NOT_PAYEE');
          if (voucher.cumulative <= channel.claimed) throw new Error('VOUCHER_REPLAYED');
          if (voucher.cumulative > channel.deposited) throw new Error('VOUCHER_OVERDRAWN');
          if (!areTotalsSound(voucher)) throw new Error('VOUCHER_TOTALS_WRONG');
          if (!isVoucherSignedBy(crypto, chainId, voucher, authorization, [channel.payer]))
            throw new Error('VOUCHER_FORGED');
          const grows = channel.totals.every(({ artifact, amount }) =>
            voucher.totals.some((next) => areBytesEqual(next.artifact, artifact) && next.amount >= amount),
          );
          if (!grows) throw new Error('VOUCHER_TOTALS_WRONG');
          const hex = bytesToHex(voucher.channel);
          claims.push({ channel: hex, amount: voucher.cumulative - channel.claimed });
          channels.set(hex, { ...channel, claimed: voucher.cumulative, totals: voucher.totals });
        },
        async startClose(id) {
          channels.set(bytesToHex(id), { ...get(id), finalAt: 100n });
        },
        async finalise(id) {
          channels.delete(bytesToHex(id));
        },
        async own() {
          return [...channels].map(([hex, channel]) => ({
            id: hexToBytes(hex),
            channel,
            isFinal: channel.finalAt !== 0n,
          }));
        },
        async find(id) {
          finds.count += 1;
          await held;
          const channel = channels.get(bytesToHex(id));
          return channel === undefined ? null : { ...channel, payerKey: channel.payer };
        },
      };
    },
  };
}

export const aPrice: Price = {
  inputPerMillion: 2_000_000n,
  cachedInputPerMillion: 1_000_000n,
  outputPerMillion: 5_000_000n,
  perRequest: 10n,
  perImage: 0n,
  perAudioSecond: 0n,
};

export const model = crypto.sha256(utf8ToBytes('the model card'));
export const artifact = crypto.sha256(utf8ToBytes('the artifact'));

export function anOffer(provider: Uint8Array, peer: string, fields: Partial<Offer['terms']> = {}): Offer {
  return {
    provider,
    recordDeposit: 0n,
    terms: {
      netuid: 1,
      model,
      artifact,
      price: aPrice,
      maxConcurrency: 8,
      contextTokens: 4096,
      capabilities: ['tokenIds'],
      tier: 1,
      retainsData: false,
      trainsOnData: false,
      expirySlot: 1_000_000n,
      regions: [],
      peer,
      ...fields,
    },
  };
}

export interface TownOptions {
  readonly network?: MemoryNetworkOptions;
  readonly echo?: EchoEngineOptions;
  readonly miner?: Partial<MinerOptions>;
  readonly terms?: Partial<Offer['terms']>;
  readonly deposit?: bigint;
  /** What providers serve. @default each an echo */
  readonly model?: LoadedModel;
  /** The transport of a peer by its name. @default in memory */
  readonly links?: (name: string) => Transport;
  /** Sees everything that a peer writes and reads. */
  readonly tap?: (transport: Transport) => Transport;
  /** What the miner's record on the ledger names. @default nothing: requests go in clear */
  readonly sealing?: 'x25519' | 'x-wing';
  readonly sealMode?: SealMode;
  /** Of providers. */
  readonly tracer?: Tracer;
}

const sealCrypto = createNativeSealCrypto();

export function aSealingKey(name: string): SealingKey {
  return createSealingKey(sealCrypto, crypto.sha256(utf8ToBytes(`sealing key of ${name}`)));
}

/** One payer, one miner, the way between them and a ledger. */
export async function aTown(options: TownOptions = {}) {
  const ledger = aChannelLedger();
  const network = createMemoryNetwork(options.network ?? {});
  const clock = aClock();
  const log = aLogger();
  const timer = aTimer();
  const payerRecords = aRecordStore();
  const minerRecords = aRecordStore();
  const join = (name: string) =>
    (options.tap ?? ((transport) => transport))(options.links?.(name) ?? network.join(name));
  const payerTransport = join('payer');
  const random = aRandom();
  const payerKey = aSigner('payer');

  /** @param timer lets its settlements wait for the next request. @default they do not */
  function startPayer(records: RecordStore = payerRecords, timer?: Timer): Payer {
    return createPayer(
      {
        ...{ crypto, chainId, signer: payerKey.signer, ledger: ledger.of(payerKey.account), records, log },
        ...(timer === undefined ? {} : { timer }),
      },
      options.deposit === undefined ? {} : { deposit: options.deposit },
    );
  }

  /** Sealing keys that the ledger names, by the account in hex. */
  const sealingKeys = new Map<string, SealingKey['public']>();

  function sealingOf(name: string, account: Uint8Array) {
    if (options.sealing === undefined) return {};
    const key = aSealingKey(name);
    const { x25519, xWing } = key.public;
    sealingKeys.set(bytesToHex(account), {
      x25519,
      xWing: options.sealing === 'x-wing' ? xWing : new Uint8Array(0),
    });
    return { seal: { crypto: sealCrypto, provider: account, random, keys: () => [key] } };
  }

  async function startMiner(name: string, records: RecordStore = aRecordStore(), echo = options.echo) {
    const key = aSigner(name);
    const offer = anOffer(key.account, name, options.terms);
    const engine = createEchoEngine({ clock }, echo);
    const loaded: LoadedModel =
      options.model ??
      (await engine.load({ location: 'echo', format: 'upstream' }, { threads: 1, parallel: 8 }));
    const payee: Payee = createPayee({
      crypto,
      clock,
      chainId,
      payee: key.account,
      signer: key.signer,
      ledger: ledger.of(key.account),
      records,
      log,
    });
    const transport = join(name);
    const miner = createMiner(
      {
        ...{ crypto, chainId, clock, timer, transport, payee, log, ...sealingOf(name, key.account) },
        ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
      },
      // Tests count frames: each token travels by itself.
      { models: [{ terms: offer.terms, model: loaded }], gatherMs: 0, ...options.miner },
    );
    return { ...key, offer, payee, miner, transport, records, model: loaded };
  }

  const payer = startPayer();
  const miner = await startMiner('miner', minerRecords);
  const inferParts = (using: Payer = payer): InferParts => ({
    crypto,
    random,
    transport: payerTransport,
    payer: using,
    timer,
    ...(options.sealing === undefined && options.sealMode === undefined
      ? {}
      : {
          seal: {
            crypto: sealCrypto,
            chainId,
            keysOf: async (account) => sealingKeys.get(bytesToHex(account)) ?? null,
            ...(options.sealMode === undefined ? {} : { mode: options.sealMode }),
          },
        }),
  });
  return {
    ledger,
    network,
    clock,
    timer,
    log,
    payer,
    payerRecords,
    minerRecords,
    miner,
    startPayer,
    startMiner,
    inferParts,
    payerKey,
    payerTransport,
    join,
    sealingKeys,
    sealingOf,
  };
}

export type Town = Awaited<ReturnType<typeof aTown>>;
