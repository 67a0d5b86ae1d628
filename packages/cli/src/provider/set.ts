import { hexToBytes } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';

type Flags = SendingFlags & {
  readonly sealing: string;
  readonly xWing?: string;
  readonly device?: readonly string[];
  readonly slot?: string;
  readonly in?: string;
  readonly region?: string;
};

/** `cairn provider set` */
export function createProviderSetCommand(cli: Cli): Command {
  return defineSending<Flags>(cli, {
    name: 'set',
    help: 'Registers the key that requests are sealed to and the machines that serve for this account. Replaces all it said before.',
    examples: [
      'provider set --sealing 5f0c… --device 91aa…=/dns4/gpu.example.org/tcp/8471 --in 100000 --region de --wallet savings',
      'provider set --sealing 5f0c… --wallet savings --dry-run',
    ],
    required: [['--sealing <key>', 'X25519 public key, 64 hexadecimal digits']],
    options: [
      ['--x-wing <key>', 'X-Wing public key of 1216 bytes, in hexadecimal digits'],
      [
        '--device <machines...>',
        'machines: the Ed25519 key of each on the network, then = and its addresses with commas between',
      ],
      ['--slot <slot>', 'slot from which the machines serve no more'],
      ['--in <slots>', 'or after how many slots from now'],
      ['--region <region>', 'where they are, such as de or eu-west'],
    ],
    async build({ connection, payer, flags }) {
      const { depositOfProvider, fetchParameters, X_WING_KEY_BYTES } = await import('@cairn/sdk');
      const { parseId, resolveSlot, splitList } = await import('../tx/parse.ts');
      const x25519 = parseId(flags.sealing, 'An X25519 key');
      const given = flags.xWing ?? '';
      if (given !== '' && !new RegExp(`^[0-9a-f]{${2 * X_WING_KEY_BYTES}}$`).test(given))
        throw usage(
          `An X-Wing key is ${2 * X_WING_KEY_BYTES} hexadecimal digits, not ${given.length} characters.`,
        );
      const machines = flags.device ?? [];
      const expirySlot = machines.length === 0 ? 0n : await resolveSlot(connection, flags);
      const devices = machines.map((machine) => {
        const [key = '', ...rest] = machine.split('=');
        const addresses = splitList(rest.join('='));
        return { peerKey: parseId(key, 'A machine'), addresses, expirySlot };
      });
      const region = flags.region ?? '';
      const terms = { sealing: { x25519, xWing: hexToBytes(given) }, devices, region };
      return {
        message: 'registry.setProvider',
        value: { terms },
        what: 'Register keys and machines to serve with',
        amount: 0n,
        deposit: depositOfProvider(await fetchParameters(connection.ledger), terms),
        details: [
          ['provider', payer.address],
          ['sealed to', given === '' ? 'X25519' : 'X25519 and X-Wing'],
          ['machines', machines.length === 0 ? 'none' : machines.join('\n')],
          ...(machines.length === 0 ? [] : [['until slot', expirySlot.toString()] as const]),
          ['region', region === '' ? 'not said' : region],
          ['replaces', 'all that was registered before, whose deposit comes back'],
        ],
        plan: { provider: payer.address, devices: machines, expirySlot, region },
      };
    },
  });
}

/** `cairn provider remove` */
export function createProviderRemoveCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'remove',
    help: "Removes an account's keys and machines; the deposit comes back. When all machines expired, anybody may clear them away.",
    examples: ['provider remove --wallet savings', 'provider remove cairn1… --wallet savings --dry-run'],
    words: [['[account]', 'whose: a name from wallet list, or an address (default: the wallet’s)']],
    async build({ cli: own, connection, payer, words: [given] }) {
      const { addressToAccountId } = await import('@cairn/core');
      const { resolveAccount } = await import('../sender.ts');
      const { fetchProvider } = await import('./providers.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const address =
        given === undefined ? payer.address : (await resolveAccount(own, connection, given)).address;
      const { devices, recordDeposit } = await fetchProvider(connection, address);
      return {
        message: 'registry.removeProvider',
        value: { provider: addressToAccountId(address) },
        what: 'Remove keys and machines',
        amount: 0n,
        deposit: 0n,
        details: [
          ['provider', `${address}, whom ${exactCairn(recordDeposit)} return to`],
          ['machines', `${devices.length}, which serve in its name no more`],
        ],
        plan: { provider: address, devices: devices.length },
      };
    },
  });
}
