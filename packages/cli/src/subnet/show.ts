import type { Command } from 'commander';
import type { NeuronView, SubnetView } from '../answer/subnets.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCairn, formatCount, formatPercent, shorten } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { slotsLeft } from './list.ts';
import { parseNetuid } from './netuid.ts';

const U16_MAX = 65_535;

/** `cairn subnet show` */
export function createSubnetShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows a subnet and what each of its neurons earned in the latest epoch.',
    examples: ['subnet show 1', 'subnet show 1 --json'],
    node: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .action(async (given: string, flags: CommonFlags) => {
      const netuid = parseNetuid(given);
      const { connectNode } = await import('../connect.ts');
      const { findMarket } = await import('../answer/market.ts');
      const { fetchMetagraph, subnetNotFound } = await import('../answer/subnets.ts');
      const { findRoles } = await import('../node-views.ts');
      const connection = await connectNode(cli, flags);
      const [metagraph, market, named] = await Promise.all([
        fetchMetagraph(connection, netuid),
        findMarket(connection, netuid),
        findRoles(connection),
      ]);
      if (metagraph === null || market === null) throw subnetNotFound(netuid);
      const roles = new Map(named.map((role) => [role.address, role]));
      const { subnet } = metagraph;
      const neurons = metagraph.neurons.map((neuron) => ({
        ...neuron,
        name: roles.get(neuron.hotkey)?.name ?? null,
        note: roles.get(neuron.hotkey)?.note ?? null,
      }));
      const output = outputOf(cli, flags);
      output.result({ subnet, market, neurons }, () => [
        ...renderFields([
          ['subnet', `${subnet.netuid}  ${printable(subnet.name)}`],
          ['owner', printable(subnet.owner)],
          ['epoch', `${subnet.epoch}, the next in ${slotsLeft(subnet.nextEpochSlot, subnet.slot)} slots`],
          ['next pay', `${formatCairn(BigInt(subnet.pending))} tokens so far`],
          ['one token', `${formatCairn(market.price)} CAIRN, ${formatCairn(market.averagePrice)} on average`],
          [
            'pool',
            `${formatCairn(market.cairnReserve, 2)} CAIRN and ${formatCairn(market.tokenReserve, 2)} tokens; ${formatCairn(market.outstanding, 2)} outside it`,
          ],
          ['a place costs', `${formatCairn(BigInt(subnet.price))} CAIRN`],
          ...mechanismFields(subnet),
        ]),
        '',
        ...renderNeurons(neurons, output.columns),
        ...renderMechanisms(subnet, neurons, output.columns),
      ]);
    });
}

const percents = (parts: readonly number[]) => parts.map((part) => formatPercent(part / U16_MAX)).join(', ');

/** Nothing of a subnet that has one mechanism and will have no other. */
function mechanismFields({ mechanisms, announcedParts }: SubnetView): [string, string][] {
  if (mechanisms.length === 1 && announcedParts.length === 0) return [];
  const coming = announcedParts.length === 0 ? '' : `; from the next epoch on ${percents(announcedParts)}`;
  return [['mechanisms', `${percents(mechanisms.map(({ part }) => part))} of the emission${coming}`]];
}

type NamedNeuron = NeuronView & { readonly name: string | null; readonly note: string | null };

function renderNeurons(neurons: readonly NamedNeuron[], columns: number): string[] {
  const right = { align: 'right' } as const;
  return renderTable(
    [
      { header: 'UID', ...right },
      { header: 'NEURON', cut: true },
      { header: 'INCENTIVE', ...right },
      { header: 'DIVIDENDS', ...right },
      { header: 'TRUST', ...right },
      { header: 'LAST PAY TOKENS', ...right },
      { header: 'STAKE', ...right },
      { header: 'PERMIT' },
      { header: 'RUNS', cut: true },
    ],
    neurons.map(({ uid, name, hotkey, incentive, dividends, trust, emission, stake, permit, note }) => [
      formatCount(uid),
      printable(name ?? shorten(hotkey)),
      formatPercent(incentive / U16_MAX),
      formatPercent(dividends / U16_MAX),
      formatPercent(trust / U16_MAX),
      formatCairn(BigInt(emission)),
      formatCairn(BigInt(stake), 2),
      permit ? 'yes' : '',
      printable(note ?? ''),
    ]),
    columns,
  );
}

/** What each of several mechanisms gave those that it gave anything. */
function renderMechanisms(
  { mechanisms }: SubnetView,
  neurons: readonly NamedNeuron[],
  columns: number,
): string[] {
  if (mechanisms.length === 1) return [];
  const right = { align: 'right' } as const;
  const rows = mechanisms.flatMap((_, mechanism) =>
    neurons.flatMap(({ uid, name, hotkey, mechanisms: found }) => {
      const earned = found?.[mechanism];
      if (earned === undefined || earned.emission === '0') return [];
      return [
        [
          formatCount(mechanism),
          formatCount(uid),
          printable(name ?? shorten(hotkey)),
          formatPercent(earned.incentive / U16_MAX),
          formatPercent(earned.dividends / U16_MAX),
          formatPercent(earned.trust / U16_MAX),
          formatCairn(BigInt(earned.emission)),
        ],
      ];
    }),
  );
  const header = [
    { header: 'MECHANISM', ...right },
    { header: 'UID', ...right },
    { header: 'NEURON', cut: true },
    { header: 'INCENTIVE', ...right },
    { header: 'DIVIDENDS', ...right },
    { header: 'TRUST', ...right },
    { header: 'LAST PAY TOKENS', ...right },
  ];
  return ['', ...renderTable(header, rows, columns)];
}
