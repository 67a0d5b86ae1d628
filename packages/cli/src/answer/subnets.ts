import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { askNode } from './ask-node.ts';
import {
  asAmount,
  asBool,
  asCount,
  asIs,
  asList,
  asNullable,
  asObject,
  asOptional,
  asRecord,
  asText,
  asU16,
  type Check,
  type Checked,
} from './checks.ts';

export interface SubnetView {
  readonly netuid: number;
  readonly name: string;
  readonly owner: string;
  readonly locked: string;
  readonly neuronCount: number;
  readonly price: string;
  readonly pending: string;
  readonly epoch: number;
  readonly lastEpochSlot: string;
  readonly nextEpochSlot: string;
  readonly slot: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  /** Parts of 65,535. */
  readonly mechanisms: readonly { readonly part: number }[];
  /** From the next epoch on; none: as they are. */
  readonly announcedParts: readonly number[];
}

/** What a neuron's latest epoch gave it, in one mechanism or in all. Proportions of 65,535, tokens in 1e-9. */
export interface EarningsView {
  readonly incentive: number;
  readonly dividends: number;
  readonly trust: number;
  readonly emission: string;
}

export interface NeuronView extends EarningsView {
  readonly uid: number;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly stake: string;
  readonly active: boolean;
  readonly permit: boolean;
  readonly consensus: number;
  readonly lastUpdateSlot: string;
  readonly registeredSlot: string;
  /** Of each mechanism, where the subnet has several. */
  readonly mechanisms?: readonly EarningsView[];
}

export interface MetagraphView {
  readonly subnet: SubnetView;
  readonly neurons: readonly NeuronView[];
}

const asSubnetView: Check<SubnetView> = asIs(
  asObject({
    netuid: asU16,
    name: asText,
    owner: asText,
    neuronCount: asCount,
    price: asAmount,
    pending: asAmount,
    epoch: asCount,
    nextEpochSlot: asAmount,
    slot: asAmount,
    hyperparameters: asRecord,
    mechanisms: asList(asObject({ part: asU16 })),
    announcedParts: asList(asU16),
  }),
);

const earnings = { incentive: asU16, dividends: asU16, trust: asU16, emission: asAmount };

const asNeuronView: Check<NeuronView> = asIs(
  asObject({
    uid: asU16,
    hotkey: asText,
    stake: asAmount,
    permit: asBool,
    ...earnings,
    mechanisms: asOptional(asList(asObject(earnings))),
  }),
);

const asMetagraph: Check<MetagraphView> = asIs(
  asObject({ subnet: asSubnetView, neurons: asList(asNeuronView) }),
);

const asNotice = asObject({
  netuid: asU16,
  endSlot: asAmount,
  challenge: asNullable(asObject({ challenger: asText, name: asText, amount: asAmount })),
});
/** The announced end of a subnet; `challenge` tells who wants its place, null: its owner ends it. */
export type Notice = Checked<typeof asNotice>;

const asPage = asObject({ lockCost: asAmount, count: asCount, subnets: asList(asSubnetView) });

export function subnetNotFound(netuid: number): CliError {
  return new CliError(
    { code: 'NOT_FOUND', what: `subnet ${netuid}` },
    `There is no subnet ${netuid}. See ./cairn subnet list.`,
  );
}

/** @throws CliError `NOT_FOUND` */
export async function fetchSubnet(connection: Connection, netuid: number): Promise<SubnetView> {
  const found = await askNode(connection, 'subnets_get', { netuid }, asNullable(asSubnetView));
  if (found === null) throw subnetNotFound(netuid);
  return found;
}

/** A subnet with all its neurons; null when it does not exist. */
export const fetchMetagraph = (connection: Connection, netuid: number): Promise<MetagraphView | null> =>
  askNode(connection, 'subnets_metagraph', { netuid, weights: false }, asNullable(asMetagraph));

/** What the next subnet locks, in pebbles, and how many there are. */
export async function fetchLockCost(
  connection: Connection,
): Promise<{ readonly lockCost: bigint; readonly count: number }> {
  const asCost = asObject({ lockCost: asAmount, count: asCount });
  return askNode(connection, 'subnets_list', { after: null, limit: 1 }, asCost);
}

/** Every subnet, and what the next one locks. */
export async function fetchSubnets(
  connection: Connection,
): Promise<{ readonly lockCost: bigint; readonly subnets: readonly SubnetView[] }> {
  const subnets: SubnetView[] = [];
  for (;;) {
    const after = subnets.at(-1)?.netuid ?? null;
    const page = await askNode(connection, 'subnets_list', { after, limit: 0 }, asPage);
    subnets.push(...page.subnets);
    if (page.subnets.length === 0 || subnets.length >= page.count)
      return { lockCost: page.lockCost, subnets };
  }
}

/** Subnets that are announced to end, in the order of the announcements. */
export const fetchNotices = (connection: Connection): Promise<Notice[]> =>
  askNode(connection, 'subnets_notices', {}, asList(asNotice));

const asRule = asObject({
  name: asText,
  unit: asText,
  initial: asAmount,
  min: asAmount,
  max: asAmount,
  source: asText,
  help: asText,
});
/** A hyperparameter of every subnet: unit and bounds. */
export type Rule = Checked<typeof asRule>;

export const fetchRules = (connection: Connection): Promise<Rule[]> =>
  askNode(connection, 'subnets_hyperparameters', {}, asList(asRule));

const asClaim = asObject({ netuid: asU16, hotkey: asNullable(asText), amount: asAmount });
/** What a holder can claim of a dissolved subnet; `hotkey` null: for the tokens in the account. */
export type Claim = Checked<typeof asClaim>;

export const fetchClaims = (connection: Connection, holder: string): Promise<Claim[]> =>
  askNode(connection, 'subnets_claimable', { holder }, asList(asClaim));
