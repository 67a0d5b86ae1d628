import { createNativeSealCrypto } from '@cairn/chain';
import type { Offer } from '@cairn/ledger';
import { bestSuite, type PrivacyLevel, privacyLevelOf } from '@cairn/protocol';
import { SEAL_MODES, type SealMode, type SealParts } from '@cairn/sdk';
import type { Settings } from '../config/table.ts';
import type { NodeParts } from '../roles/parts.ts';
import { createLedgerKeys } from './ledger-keys.ts';

/** How a role of this node seals what it asks: to the keys that the ledger names. */
export function createSealParts(
  parts: Pick<NodeParts, 'ledger' | 'clock' | 'chainId' | 'proved'>,
  mode: SealMode = 'prefer',
): SealParts {
  return {
    crypto: createNativeSealCrypto(),
    chainId: parts.chainId,
    keysOf: createLedgerKeys(parts),
    mode,
  };
}

/** The setting, whose table allows these words only. */
export function sealModeOf({ seal }: Pick<Settings, 'seal'>): SealMode {
  return SEAL_MODES.find((mode) => mode === seal) ?? 'required';
}

/** Who could read what is asked of an offer now. */
export async function levelOf(
  { mode, keysOf }: SealParts,
  { provider }: Offer,
  isAttested: boolean,
): Promise<PrivacyLevel> {
  const keys = mode === 'off' ? null : await keysOf(provider);
  const suite = keys === null ? null : bestSuite(keys);
  return privacyLevelOf(suite ?? undefined, isAttested);
}
