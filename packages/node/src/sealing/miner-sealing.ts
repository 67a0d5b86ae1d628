import { createNativeSealCrypto } from '@cairn/chain';
import { type AccountClient, SdkError } from '@cairn/sdk';
import type { MinerSealing } from '../miner/unseal.ts';
import type { NodeParts } from '../roles/parts.ts';
import { ensureProvider, type OwnDevice } from './ledger-keys.ts';
import type { SealingKeyring } from './sealing-keys.ts';

/** Blocks between two looks for keys whose time is over, and at where this machine is reached. */
const LOOK_EVERY_BLOCKS = 100;

/** Slots for which an old key opens that no offers stand with. */
const RETIRED_SLOTS = 600n;

/** What a miner's role does with its sealing keys. */
export interface MinerSealingKeys {
  /** What its server opens requests with. */
  readonly seal: MinerSealing;
  /** Puts the current key, and this machine, on the ledger. */
  register(): Promise<void>;
  /**
   * Makes a new key and puts it on the ledger; the old one opens until its offers have expired, or ten minutes of a
   * public network longer where there are none: callers read the ledger again after seconds.
   *
   * @returns the id of the new X25519 key in hex
   */
  rotate(): Promise<string>;
  /** Drops keys whose time is over, and names this machine again when that is due or it is reached elsewhere. */
  onBlock(height: number): Promise<void>;
}

export function createMinerSealing(
  { ledger, random, log }: Pick<NodeParts, 'ledger' | 'random' | 'log'>,
  client: AccountClient,
  keyring: SealingKeyring,
  /** Slot in which the last offer that stands with a key expires; null: no offers stand with it. */
  untilSlot: (() => bigint) | null,
  device: OwnDevice | null = null,
): MinerSealingKeys {
  const register = () => ensureProvider(ledger, client, keyring.current.public, device);

  async function nameAgain(): Promise<void> {
    try {
      await register();
    } catch (error) {
      if (!(error instanceof SdkError)) throw error;
      log.warn('this machine could not be named on the ledger again', { reason: error.message });
    }
  }

  const slotNow = async () => BigInt((await ledger.query<{ slot: string }>('governance_status', {})).slot);

  return {
    seal: { crypto: createNativeSealCrypto(), provider: client.account, random, keys: keyring.keys },
    register,
    async rotate() {
      // It has to open before anybody can seal to it.
      const { ids } = await keyring.rotate(untilSlot?.() ?? (await slotNow()) + RETIRED_SLOTS);
      await register();
      return ids.x25519;
    },
    async onBlock(height) {
      if (height % LOOK_EVERY_BLOCKS !== 0) return;
      if (device !== null) await nameAgain();
      if (keyring.keys().length === 1) return;
      await keyring.dropExpired(await slotNow());
    },
  };
}
