import { createNativeCrypto, createNativeEd25519Signer } from '@cairn/chain';
import { type Crypto, type Logger, type Signer, utf8ToBytes } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { type BenchSender, createSender } from '../bench/transfers.ts';

/** Accounts that send at the same time, each one transfer after another. */
const SENDERS = 8;

/** What parent and child of the crash test agree on. */
export interface CrashLoad {
  readonly crypto: Crypto;
  readonly genesis: Genesis;
  readonly senders: readonly BenchSender[];
  readonly signer: Signer;
  readonly logger: Logger;
}

export function createCrashLoad(): CrashLoad {
  const crypto = createNativeCrypto();
  const senders = Array.from({ length: SENDERS }, (_, i) => createSender(crypto, `crash ${i}`));
  const logger: Logger = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    child: () => logger,
  };
  return {
    crypto,
    senders,
    signer: createNativeEd25519Signer(crypto.sha256(utf8ToBytes('cairn/crash/operator'))),
    logger,
    genesis: {
      name: 'cairn-crash',
      kind: 'local',
      timeMs: 1_700_000_000_000n,
      salt: new Uint8Array(32),
      parameters: [],
      validators: [],
      beacon: null,
      funds: senders.map(({ account }) => ({ account, amount: 1_000_000_000_000n })),
    },
  };
}
