import { PEBBLES_PER_CAIRN } from '@cairn/core';

/** What a miner of the local network runs. */
export type LocalMinerModel = 'default' | 'quantised' | 'base' | 'cheat';

export interface LocalMiner {
  readonly kind: 'miner';
  readonly name: string;
  readonly serves: LocalMinerModel;
  readonly note: string;
}

export interface LocalValidator {
  readonly kind: 'validator';
  readonly name: string;
}

/** Four miners of different quality, one of them a cheat on purpose, so that a person sees who gets paid. */
export const LOCAL_MINERS: readonly LocalMiner[] = [
  { kind: 'miner', name: 'miner-1', serves: 'default', note: 'the default model, f16' },
  { kind: 'miner', name: 'miner-2', serves: 'quantised', note: 'the default model, q8_0' },
  { kind: 'miner', name: 'miner-3', serves: 'base', note: 'an earlier, weaker checkpoint' },
  { kind: 'miner', name: 'miner-4', serves: 'cheat', note: 'a planted cheat: claims f16, always guesses' },
];

export const LOCAL_VALIDATORS: readonly LocalValidator[] = [
  { kind: 'validator', name: 'validator-1' },
  { kind: 'validator', name: 'validator-2' },
];

/** Name of the role that owns the subnet, publishes the models and produces blocks. */
export const OWNER = 'owner';
/** Name of the role that checks providers, in the owner's name: on one machine the owner alone votes. */
export const CHECKER = 'checker';
/** Name of the role that serves the model of the setting `model`. */
export const MODEL_MINER = 'miner-model';
/** Name of the role whose account pays for the user's requests. */
export const GATEWAY = 'gateway';

/** Voting power of the operator's key in genesis: that of 100,000 staked CAIRN. */
export const LOCAL_VALIDATOR_POWER = 100_000_000n;

const cairn = (whole: bigint) => whole * PEBBLES_PER_CAIRN;

/** What genesis gives each key of a local network, in pebbles. A real network gives nothing. */
export const LOCAL_FUNDS = {
  owner: cairn(10_000n),
  gateway: cairn(1_000n),
  minerColdkey: cairn(100n),
  minerHotkey: cairn(10n),
  validatorColdkey: cairn(11_000n),
  validatorHotkey: cairn(100n),
} as const;

/** What each local validator stakes, in pebbles. */
export const LOCAL_STAKE = cairn(10_000n);

/** What the account of a role that starts later is given, in pebbles. */
export const ROLE_MONEY = cairn(20n);

/** Prices of the local miners: about a thousandth of a CAIRN per answer. Pebbles per million tokens. */
export const LOCAL_PRICE = {
  inputPerMillion: cairn(20n),
  cachedInputPerMillion: cairn(5n),
  outputPerMillion: cairn(60n),
  perRequest: 0n,
  perImage: 0n,
  perAudioSecond: 0n,
} as const;

/** The provider of functions of the local network, and what its owner puts into a lease. */
export const LOCAL_COMPUTE = {
  name: 'compute',
  /** Pebbles for a slot of being ready: 0.0001 CAIRN. */
  perSlot: 100_000n,
  /** Pebbles: 0.01 CAIRN for a million KiB of input, 0.1 CAIRN for a thousand seconds of CPU time. */
  price: {
    inputPerMillion: 10_000_000n,
    cachedInputPerMillion: 0n,
    outputPerMillion: 100_000_000n,
    perRequest: 100n,
    perImage: 0n,
    perAudioSecond: 0n,
  },
  minBond: PEBBLES_PER_CAIRN,
  maxBond: cairn(2n),
  minReclaimSlots: 30,
  maxReclaimSlots: 600,
  memoryMib: 2_048,
  /** Ten thousand slots. */
  funds: cairn(1n),
} as const;

/** The subnet of the local network. */
export const LOCAL_SUBNET_NAME = 'crontab';
