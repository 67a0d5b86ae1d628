import { addressToAccountId, bytesToHex } from '@cairn/core';
import type { EventView, LedgerReader } from '@cairn/protocol';
import { backgroundTask } from '../roles/background-task.ts';
import type { GatewayRole } from '../roles/gateway-role.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';

export interface PanelMiner {
  readonly name: string;
  /** What it runs. */
  readonly note: string;
  /** Null outside subnets. */
  readonly uid: number | null;
  /** Share of one. */
  readonly incentive: number;
  /** Paid by users since this node started, in pebbles. */
  readonly earned: bigint;
  /** Incentive since this node started, in 1e-9 token of the subnet. */
  readonly tokens: bigint;
  /** Answers it signed receipts for. */
  readonly answers: number;
}

export interface PanelValidator {
  readonly name: string;
  readonly uid: number;
  /** Stake that counts on the subnet: tokens, and CAIRN at its weight. */
  readonly stake: bigint;
  /** Share of one. */
  readonly dividends: number;
  /** Dividends of those who stake CAIRN, its own take of them included, since this node started, in pebbles. */
  readonly earned: bigint;
  /** The same of those who stake tokens, in 1e-9 token of the subnet. */
  readonly tokens: bigint;
}

export interface PanelAnswer {
  readonly atMs: number;
  readonly model: string;
  readonly provider: string;
  /** Pebbles. */
  readonly cost: bigint;
  readonly tokens: number;
  /** Id of the receipt. */
  readonly receipt: string;
}

/** What a running local network shows of itself. */
export interface PanelData {
  readonly url: string;
  readonly height: number;
  readonly slot: number;
  /** Slots until the next pay. */
  readonly epochInSlots: number;
  readonly epoch: number;
  /** Pebbles outstanding. */
  readonly supply: bigint;
  readonly miners: readonly PanelMiner[];
  readonly validators: readonly PanelValidator[];
  /** Answers to users, the newest first. What they said is not kept. */
  readonly answers: readonly PanelAnswer[];
}

export interface Panel extends AsyncDisposable {
  read(): Promise<PanelData>;
}

export interface PanelParts {
  readonly parts: NodeParts;
  readonly url: string;
  readonly netuid: number;
  readonly gateway: GatewayRole;
  readonly roles: () => readonly RunningRole[];
}

interface Metagraph {
  readonly subnet: { slot: string; nextEpochSlot: string; epoch: number };
  readonly neurons: readonly {
    uid: number;
    hotkey: string;
    stake: string;
    incentive: number;
    dividends: number;
  }[];
}

/** Adds up what each role earns and reads the rest when asked. */
export function createPanel({ parts, url, netuid, gateway, roles }: PanelParts): Panel {
  const earned = new Map<string, Earnings>();
  const names = ['emission.paid', 'channels.claimed', 'pools.rootPaid'];
  const earnedBy = (address: string) => earned.get(address) ?? NOTHING;
  const watch = backgroundTask(parts.log, 'panel', async (signal) => {
    for await (const event of parts.ledger.events({ names, signal })) addEarning(earned, event);
  });
  return {
    async read() {
      const { height } = await parts.ledger.status();
      const metagraph = await parts.ledger.query<Metagraph>('subnets_metagraph', { netuid });
      const { outstanding } = await parts.ledger.query<{ outstanding: string }>('emission_supply', {});
      const neuronOf = new Map(metagraph.neurons.map((neuron) => [neuron.hotkey, neuron]));
      const slot = Number(metagraph.subnet.slot);
      return {
        url,
        height,
        slot,
        epochInSlots: Math.max(0, Number(metagraph.subnet.nextEpochSlot) - slot),
        epoch: metagraph.subnet.epoch,
        supply: BigInt(outstanding),
        miners: roles().flatMap((role) => {
          if (role.kind !== 'miner') return [];
          const neuron = neuronOf.get(role.address);
          return {
            name: role.name,
            note: role.note,
            uid: neuron?.uid ?? null,
            incentive: (neuron?.incentive ?? 0) / 65_535,
            ...earnedBy(role.address),
            answers: role.answers?.() ?? 0,
          };
        }),
        validators: roles().flatMap(({ kind, name, address }) => {
          const neuron = neuronOf.get(address);
          if (kind !== 'validator' || neuron === undefined) return [];
          const { uid, stake, dividends } = neuron;
          return {
            name,
            uid,
            stake: BigInt(stake),
            dividends: dividends / 65_535,
            ...earnedBy(address),
          };
        }),
        answers: await describeAnswers(parts.ledger, gateway, roles()),
      };
    },
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

/** Pebbles, and tokens in 1e-9. */
interface Earnings {
  readonly earned: bigint;
  readonly tokens: bigint;
}
const NOTHING: Earnings = { earned: 0n, tokens: 0n };

/** Claims and dividends of root are CAIRN; emission is tokens, of which what root gets is counted when it is sold. */
function addEarning(earned: Map<string, Earnings>, { name, data }: EventView): void {
  const who = name === 'channels.claimed' ? data.payee : data.hotkey;
  if (typeof who !== 'string') return;
  const before = earned.get(who) ?? NOTHING;
  const read = (value: unknown) => (typeof value === 'string' ? BigInt(value) : 0n);
  if (name === 'channels.claimed') earned.set(who, { ...before, earned: before.earned + read(data.net) });
  else if (name === 'pools.rootPaid')
    earned.set(who, { ...before, earned: before.earned + read(data.amount) + read(data.take) });
  else if (data.kind !== 'root') earned.set(who, { ...before, tokens: before.tokens + read(data.amount) });
}

async function describeAnswers(
  ledger: LedgerReader,
  gateway: GatewayRole,
  roles: readonly RunningRole[],
): Promise<PanelAnswer[]> {
  const roleOf = new Map(roles.map((role) => [role.address, role.name]));
  const models = await ledger.query<{ id: string; name: string }[]>('registry_models', {});
  const modelOf = new Map(models.map(({ id, name }) => [id, name]));
  return gateway.answered.map(({ model, provider, ...answer }) => ({
    ...answer,
    model: modelOf.get(model) ?? model,
    provider: roleOf.get(provider) ?? bytesToHex(addressToAccountId(provider)).slice(0, 12),
  }));
}
