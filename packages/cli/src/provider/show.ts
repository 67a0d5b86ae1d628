import type { Command } from 'commander';
import { fetchSlot } from '../answer/slot.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCount, shorten } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import type { ProviderView } from './providers.ts';

/** `cairn provider list` */
export function createProviderListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists who registered keys and machines to serve with.',
    examples: ['provider list', 'provider list --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { fetchProviders } = await import('./providers.ts');
    const connection = await connectNode(cli, flags);
    const [providers, slot] = await Promise.all([fetchProviders(connection), fetchSlot(connection)]);
    const output = outputOf(cli, flags);
    const right = { align: 'right' } as const;
    output.result({ slot, providers }, () =>
      providers.length === 0
        ? ['Nobody registered keys and machines. See ./cairn provider set --help.']
        : renderTable(
            [
              { header: 'PROVIDER', cut: true },
              { header: 'REGION' },
              { header: 'MACHINES', ...right },
              { header: 'SERVE NOW', ...right },
              { header: 'X-WING' },
            ],
            providers.map(({ account, region, devices, sealing }) => [
              shorten(account),
              printable(region === '' ? 'not said' : region),
              String(devices.length),
              String(devices.filter(({ expirySlot }) => expirySlot > slot).length),
              sealing.xWing === '' ? 'no' : 'yes',
            ]),
            output.columns,
          ),
    );
  });
}

/** `cairn provider show` */
export function createProviderShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows the keys that requests to a provider are sealed to, and the machines that serve in its name.',
    examples: ['provider show miner-1', 'provider show cairn1… --json'],
    node: true,
  })
    .argument('<account>', 'a name from wallet list, or an address')
    .action(async (given: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchProvider } = await import('./providers.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, given);
      const [provider, slot] = await Promise.all([fetchProvider(connection, address), fetchSlot(connection)]);
      const output = outputOf(cli, flags);
      output.result({ slot, ...provider }, () => renderProvider(provider, slot, output.columns));
    });
}

function renderProvider(provider: ProviderView, slot: bigint, columns: number): string[] {
  const { account, sealing, devices, region, recordDeposit } = provider;
  const fields = renderFields([
    ['provider', account],
    ['region', printable(region === '' ? 'not said' : region)],
    ['X25519 key', sealing.x25519],
    ['X-Wing key', sealing.xWing === '' ? 'none' : `${sealing.xWing.slice(0, 32)}…`],
    ['deposit', exactCairn(recordDeposit)],
  ]);
  if (devices.length === 0) return [...fields, '', 'No machines.'];
  const layout = [
    { header: 'MACHINE', cut: true },
    { header: 'UNTIL SLOT', align: 'right' },
    { header: 'STATE' },
    { header: 'ADDRESSES', cut: true },
  ] as const;
  const rows = devices.map(({ peerKey, addresses, expirySlot }) => [
    peerKey,
    formatCount(expirySlot),
    expirySlot > slot ? 'serves' : 'expired',
    printable(addresses.length === 0 ? 'looked up by its key' : addresses.join(' ')),
  ]);
  return [...fields, '', ...renderTable(layout, rows, columns)];
}
