import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountIdOf, authorize, encode, type Logger, type Signer, utf8ToBytes } from '@cairn/core';
import {
  chainIdOf,
  type Genesis,
  transactionSignBytes,
  transactionToBytes,
  transferShape,
} from '@cairn/ledger';
import type { InclusionResult } from '@cairn/protocol';
import {
  type Chain,
  type ChainOptions,
  type ChainParts,
  createManualTime,
  createNativeCrypto,
  createNativeEd25519Signer,
  openChain,
} from '../src/index.ts';

export const crypto = createNativeCrypto();
export const GENESIS_MS = 1_700_000_000_000;

export function aFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cairn-chain-'));
}

export function aLogger(): Logger {
  const logger: Logger = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    child: () => logger,
  };
  return logger;
}

/** The same name gives the same key. */
export function aSigner(name: string): Signer {
  return createNativeEd25519Signer(crypto.sha256(utf8ToBytes(name)));
}

export function idOf(signer: Signer): Uint8Array {
  return accountIdOf(crypto, signer.scheme, signer.publicKey);
}

export const alice = aSigner('alice');
export const bob = aSigner('bob');
export const operator = aSigner('operator');

export function aGenesis(funded: readonly Signer[] = [alice, bob], salt = 0): Genesis {
  return {
    name: 'cairn-test',
    kind: 'local',
    timeMs: BigInt(GENESIS_MS),
    salt: new Uint8Array(32).fill(salt),
    parameters: [{ name: 'slotMs', value: 1_000n }],
    validators: [],
    beacon: null,
    funds: funded.map((signer) => ({ account: idOf(signer), amount: 1_000_000_000_000n })),
  };
}

export interface TransferOptions {
  readonly from?: Signer;
  readonly to?: Uint8Array;
  readonly amount?: bigint;
  readonly nonce?: bigint;
  readonly tip?: bigint;
  readonly maxFee?: bigint;
  readonly validUntil?: bigint;
  readonly genesis?: Genesis;
}

export async function aTransfer(options: TransferOptions = {}): Promise<Uint8Array> {
  const { from = alice, to = idOf(bob), amount = 1_000_000n, nonce = 0n, tip = 0n } = options;
  const { maxFee = 1_000_000n, validUntil = 0n, genesis = aGenesis() } = options;
  const body = {
    chainId: chainIdOf(crypto, genesis),
    sender: idOf(from),
    nonce,
    maxFee,
    tip,
    validUntil,
    messageId: 1,
    message: encode(transferShape, { to, amount }),
  };
  return transactionToBytes({ body, authorization: await authorize(from, transactionSignBytes(body)) });
}

export async function aChain(
  options: Partial<ChainOptions> = {},
  parts: Partial<ChainParts> = {},
): Promise<Chain & { time: ReturnType<typeof createManualTime>; folder: string }> {
  const folder = options.folder ?? aFolder();
  const time = createManualTime(GENESIS_MS + 1_000);
  const chain = await openChain(
    { crypto, clock: time.clock, timer: time.timer, logger: aLogger(), signer: operator, ...parts },
    { genesis: aGenesis(), ...options, folder },
  );
  return { ...chain, time, folder };
}

/** Submits, and lets blocks pass until the answer is there. */
export async function include(
  chain: Pick<Chain, 'ledger'> & { time: ReturnType<typeof createManualTime> },
  tx: Uint8Array,
): Promise<InclusionResult> {
  let answer: InclusionResult | null = null;
  const done = chain.ledger.submitAndWait(tx).then((result) => {
    answer = result;
  });
  for (let block = 0; block < 60 && answer === null; block++) await chain.time.advance(1_000);
  await done;
  return answer!;
}
