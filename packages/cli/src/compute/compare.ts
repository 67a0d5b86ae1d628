import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asAmount, asHex, asList, asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError, usage } from '../errors.ts';
import { exactCairn } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { compare } from './compare-costs.ts';
import { REFERENCE_PRICES } from './reference-prices.ts';

interface Flags extends CommonFlags {
  readonly usdPerCairn: string;
  readonly calls: string;
  readonly cpu: string;
  readonly memory: string;
  readonly input: string;
}

const asLease = asObject({
  id: asHex,
  deployment: asHex,
  terms: asObject({
    perSlot: asAmount,
    price: asObject({
      perRequest: asAmount,
      inputPerMillion: asAmount,
      outputPerMillion: asAmount,
    }),
  }),
});
const asDeployments = asList(asObject({ deployment: asHex, name: asText }));

/** Length of the month that is compared, in milliseconds. */
const MONTH_MS = 30 * 24 * 3_600_000;

/** `cairn compute compare` */
export function createComputeCompareCommand(cli: Cli): Command {
  return defineCommand({
    name: 'compare',
    help: 'Compares what a lease asks for a month of measured work with list prices of clouds, by arithmetic.',
    examples: [
      'compute compare word-count --usd-per-cairn 0.5',
      'compute compare word-count --usd-per-cairn 0.5 --calls 10000000 --cpu 20 --memory 128 --json',
    ],
    node: true,
  })
    .argument('<name>', 'name or hex id of a deployment that has a lease')
    .requiredOption('--usd-per-cairn <dollars>', 'what a CAIRN is worth: nobody but you can say')
    .option('--calls <count>', 'calls in a month', '1000000')
    .option('--cpu <ms>', 'CPU time of one call, in milliseconds, as the receipts say', '50')
    .option('--memory <mib>', 'memory of an instance, in MiB', '128')
    .option('--input <kib>', 'input of one call, in KiB', '1')
    .action(async (name: string, flags: Flags) => {
      const usdPerCairn = positive('--usd-per-cairn', flags.usdPerCairn);
      const workload = {
        calls: positive('--calls', flags.calls),
        cpuMs: positive('--cpu', flags.cpu),
        memoryMib: positive('--memory', flags.memory),
        inputKib: positive('--input', flags.input),
      };
      const { connectNode } = await import('../connect.ts');
      const { fetchParameterList } = await import('../answer/parameters.ts');
      const connection = await connectNode(cli, flags);
      const deployments = await askNode(connection, 'node_deployments', {}, asDeployments);
      const found = deployments.find((row) => row.deployment === name || row.name === name);
      const leases = await askNode(connection, 'compute_leases', {}, asList(asLease));
      const lease = leases.find(({ deployment }) => deployment === found?.deployment);
      if (lease === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: 'a lease' },
          `No deployment ${printable(name)} has a lease. See ./cairn deployment list.`,
        );
      }
      const slotMs = (await fetchParameterList(connection)).find((one) => one.name === 'slotMs');
      const slots = MONTH_MS / Number(slotMs?.value ?? 12_000);
      const { perSlot, price } = lease.terms;
      const rows = REFERENCE_PRICES.map((reference) => ({
        ...compare(reference, workload, { perSlot, ...price }, { slots, usdPerCairn }),
        source: reference.source,
        readOn: reference.readOn,
        note: reference.note,
      }));
      const output = outputOf(cli, flags);
      output.result({ deployment: lease.deployment, usdPerCairn, workload, slots, comparisons: rows }, () => [
        `A month of ${workload.calls} calls of ${workload.cpuMs} ms CPU time, ${workload.memoryMib} MiB, ${workload.inputKib} KiB in; ready in ${Math.ceil(slots)} slots at ${exactCairn(perSlot)}; 1 CAIRN taken as ${usdPerCairn} USD.`,
        ...renderTable(
          [
            { header: 'REFERENCE' },
            { header: 'ITS USD', align: 'right' },
            { header: 'CAIRN USD', align: 'right' },
            { header: 'CAIRN IS' },
            { header: 'READ ON' },
            { header: 'SOURCE', cut: true },
          ],
          rows.map(({ name: reference, referenceUsd, cairnUsd, cheaperBy, readOn, source }) => [
            reference,
            referenceUsd.toFixed(4),
            cairnUsd.toFixed(4),
            describe(cheaperBy),
            readOn,
            source,
          ]),
          output.columns,
        ),
        'List prices without free tiers. A call is taken to last as long as its CPU time, which favours the references.',
      ]);
    });
}

const describe = (cheaperBy: number): string =>
  cheaperBy >= 0 ? `${(100 * cheaperBy).toFixed(1)} % cheaper` : `${(-100 * cheaperBy).toFixed(1)} % dearer`;

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!/^\d{1,12}(\.\d{1,9})?$/.test(text) || value <= 0)
    throw usage(`${flag} takes a number above 0, not ${text}.`);
  return value;
}
