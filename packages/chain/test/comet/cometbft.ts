import { homedir } from 'node:os';
import { join } from 'node:path';
import { utf8ToBytes } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import type { Timer } from '@cairn/protocol';
import {
  COMETBFT_VERSION,
  type CometChain,
  type CometChainOptions,
  type CometChainParts,
  createNativeEd25519Signer,
  findCometbft,
  openCometChain,
} from '../../src/index.ts';
import { aFolder, aGenesis, aLogger, crypto, idOf } from '../parts.ts';

const cache =
  process.env.CAIRN_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cairn');

/** Where `scripts/provision` puts it. Null when there is none: the tests that need it are skipped. */
export const cometbft: string | null = await findCometbft({
  ...(process.env.CAIRN_COMETBFT ? { path: process.env.CAIRN_COMETBFT } : {}),
  folders: [join(cache, `cometbft-${COMETBFT_VERSION}`), ...(process.env.PATH ?? '').split(':')],
}).catch(() => null);

const realTimer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(() => void action(), delayMs);
    return () => clearTimeout(handle);
  },
};

export const seedOf = (name: string): Uint8Array => crypto.sha256(utf8ToBytes(name));

/** A genesis whose validators are the keys of these names, with equal power. */
export function genesisOf(names: readonly string[]): Genesis {
  return {
    ...aGenesis(),
    validators: names.map((name) => {
      const { publicKey } = createNativeEd25519Signer(seedOf(name));
      return { publicKey, account: idOf(createNativeEd25519Signer(seedOf(name))), power: 10n };
    }),
  };
}

/** A node of a chain that CometBFT orders, on real time and a real process. */
export function aCometChain(
  name: string,
  options: Partial<CometChainOptions> = {},
  parts: Partial<CometChainParts> = {},
): Promise<CometChain> {
  const { folder = aFolder() } = options;
  return openCometChain(
    {
      crypto,
      clock: { nowMs: () => Date.now() },
      timer: realTimer,
      logger: aLogger(),
      keys: { consensusSeed: seedOf(name), nodeSeed: seedOf(`${name}/node`) },
      ...parts,
    },
    {
      genesis: genesisOf([name]),
      program: cometbft!,
      blockIntervalMs: 100,
      ...options,
      folder: join(folder, 'chain'),
      home: join(folder, 'comet'),
    },
  );
}
