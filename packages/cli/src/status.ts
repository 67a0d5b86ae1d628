import type { LedgerStatus } from '@cairn/protocol';
import type { Command } from 'commander';
import type { Supply } from './answer/chain.ts';
import type { Cli } from './cli.ts';
import { type CommonFlags, defineCommand, outputOf } from './command.ts';
import type { NodeReach, NodeStatus } from './node-views.ts';
import { formatBytes, formatCairn, formatCount, formatDuration, formatTime } from './terminal/format.ts';
import { renderFields } from './terminal/output.ts';
import { printable } from './terminal/printable.ts';
import { renderTable } from './terminal/table.ts';

/** `cairn status` */
export function createStatusCommand(cli: Cli): Command {
  return defineCommand({
    name: 'status',
    help: 'Shows the node, its chain and its roles.',
    examples: ['status', 'status --rpc http://127.0.0.1:8470'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { fetchChainStatus, fetchSupply } = await import('./answer/chain.ts');
    const { connectNode } = await import('./connect.ts');
    const { findNodeStatus } = await import('./node-views.ts');
    const connection = await connectNode(cli, flags);
    const [chain, supply, node] = await Promise.all([
      fetchChainStatus(connection),
      fetchSupply(connection),
      findNodeStatus(connection),
    ]);
    const output = outputOf(cli, flags);
    output.result({ address: connection.address, node, chain, supply }, () => [
      ...renderFields([...(node === null ? [] : nodeFields(node)), ...chainFields(chain, supply)]),
      ...(node === null ? [] : ['', ...roleTable(node, output.columns)]),
    ]);
  });
}

function nodeFields(node: NodeStatus): [string, string][] {
  return [
    ['node', `${printable(node.url)}  version ${printable(node.version)}, process ${node.pid}`],
    ['folder', printable(node.data)],
    ['up for', formatDuration(node.uptimeMs)],
    ['memory', formatBytes(node.residentBytes)],
    ...joinFields(node.addresses ?? []),
    ...reachFields(node.reach ?? null),
  ];
}

/** Of its addresses the first does for everybody. */
function joinFields([address]: readonly string[]): [string, string][] {
  return address === undefined ? [] : [['join by', printable(address)]];
}

/** How other nodes reach this one, as they say after trying. */
function reachFields(reach: NodeReach | null): [string, string][] {
  if (reach === null) return [];
  const fields: [string, string][] = [['reached', printable(describeReach(reach))]];
  for (const { transport, reason } of reach.missing) {
    fields.push(['missing', printable(`${transport}: ${reason}`)]);
  }
  const { announced = [], scope, relay } = reach;
  if (announced.length > 0) fields.push(['announces', printable(announced.join(', '))]);
  if (scope !== undefined) fields.push(['scope', printable(describeScope(scope))]);
  if (relay !== undefined) fields.push(['relays', relay === null ? 'for nobody' : describeRelay(relay)]);
  return fields;
}

function describeScope(scope: string): string {
  if (scope === 'public') return 'public: dials no private address that others name';
  if (scope === 'private') return 'private: dials any address that others name';
  return scope;
}

function describeRelay({ places, held, bytes, durationMs }: NonNullable<NodeReach['relay']>): string {
  const each = `${formatBytes(bytes)} each way and ${formatDuration(durationMs)} a connection`;
  return `for ${held} of at most ${places} nodes that nobody can dial, ${each}`;
}

function describeReach({ state, reached, failed, relays }: NodeReach): string {
  if (state === 'reachable') return `yes, at ${reached.join(', ')}`;
  if (state !== 'hidden') return 'not known yet: no node was asked';
  const tried = failed.length === 0 ? '' : `; others tried ${failed.join(', ')}`;
  return relays.length === 0
    ? `no node can dial this one${tried}. Forward a port, or name a relay`
    : `by a relay only (${relays.join(', ')})${tried}`;
}

function chainFields(chain: LedgerStatus, supply: Supply): [string, string][] {
  const engine =
    chain.engine === 'solo' ? 'solo: one operator signs every block and chooses every seed' : chain.engine;
  return [
    ['network', `${printable(chain.name)} (${printable(chain.kind)}), ${printable(engine)}`],
    ['chain id', printable(chain.chainId)],
    ['height', `${formatCount(chain.height)}  at ${formatTime(chain.timeMs)}`],
    ['kept', `blocks from ${formatCount(chain.oldestBlock)} on`],
    ['waiting', `${formatCount(chain.waiting)} transactions, ${formatBytes(chain.waitingBytes)}`],
    ['state', `${formatCount(chain.stateKeys)} keys, root ${printable(chain.appHash)}`],
    ['issued', `${formatCairn(BigInt(supply.issuance), 3)} of ${formatCairn(BigInt(supply.cap), 0)} CAIRN`],
  ];
}

function roleTable({ roles }: NodeStatus, columns: number): string[] {
  return renderTable(
    [
      { header: 'ROLE' },
      { header: 'KIND' },
      { header: 'WHAT IT RUNS', cut: true },
      { header: 'ADDRESS', cut: true },
    ],
    roles.map(({ name, kind, note, address }) => [name, kind, note, address].map(printable)),
    columns,
  );
}
