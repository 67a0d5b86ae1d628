import {
  createManualTime,
  createMemoryStore,
  createNativeCrypto,
  createNativeEd25519Signer,
  openChain,
} from '@cairn/chain';
import { accountIdOf, type LogData, type Logger, type Signer, utf8ToBytes } from '@cairn/core';
import { onTestFinished } from 'vitest';

export const crypto = createNativeCrypto();
const START_MS = 1_700_000_000_000;

export function aSigner(name: string): Signer {
  return createNativeEd25519Signer(crypto.sha256(utf8ToBytes(name)));
}

export const accountOf = (signer: Signer) => accountIdOf(crypto, signer.scheme, signer.publicKey);

/** Keeps every entry as one line. */
export function aLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (message: string, data?: LogData) => {
    lines.push(
      JSON.stringify({ level, message, ...data }, (_, value) =>
        typeof value === 'bigint' ? `${value}` : value,
      ),
    );
  };
  const log = {
    lines,
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: () => log,
  };
  return log;
}

/** A chain in memory whose blocks come when a test says so. */
export async function aChain(funded: readonly Signer[] = [aSigner('alice')]) {
  const time = createManualTime(START_MS + 1_000);
  const log = aLog();
  const chain = await openChain(
    {
      crypto,
      clock: time.clock,
      timer: time.timer,
      logger: log,
      signer: aSigner('operator'),
      store: createMemoryStore(),
    },
    {
      folder: '/secret/folder',
      genesis: {
        name: 'cairn-test',
        kind: 'local',
        timeMs: BigInt(START_MS),
        salt: new Uint8Array(32),
        parameters: [
          { name: 'slotMs', value: 1_000n },
          { name: 'keyChangeDelaySlots', value: 2n },
        ],
        validators: [],
        beacon: null,
        funds: funded.map((signer) => ({ account: accountOf(signer), amount: 1_000_000_000_000n })),
      },
    },
  );
  onTestFinished(() => chain.close());
  const blocks = async (count: number) => {
    for (let index = 0; index < count; index++) {
      await time.advance(1_000);
      await chain.engine.produceBlock();
    }
  };
  return { ...chain, time, log, blocks };
}
