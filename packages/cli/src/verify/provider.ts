import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { outputOf } from '../command.ts';
import { renderFields } from '../terminal/output.ts';
import { defineVerifyCommand, type VerifyFlags } from './define.ts';

/** `cairn verify provider` */
export function createVerifyProviderCommand(cli: Cli): Command {
  return defineVerifyCommand(
    'provider',
    'Shows the keys that requests to a provider are sealed to, proved by the votes for a block. To compare with what a gateway is told: provider show.',
    [
      'verify provider miner-1',
      'verify provider cairn1… --from http://node.example.org:8470 --trust-height 4200 --trust-hash 9f2c…01',
    ],
  )
    .argument('<account>', 'an address, or a name from wallet list')
    .action(async (given: string, flags: VerifyFlags) => {
      const { bytesToHex } = await import('@cairn/core');
      const { describeStateValue, providerFromState, providerStateKey } = await import('@cairn/sdk');
      const { openVerifier, vouchingOf } = await import('./verifier.ts');
      const { renderVouching } = await import('./render.ts');
      const { findAddress } = await import('./find-address.ts');
      const { address, id } = await findAddress(cli, flags, given);
      const verifier = await openVerifier(cli, flags);
      const key = providerStateKey(id);
      const proved = await verifier.read(key);
      const sealing = proved.value === null ? null : providerFromState(proved.value).sealing;
      const provider = proved.value === null ? null : describeStateValue(key, proved.value);
      const vouching = vouchingOf(verifier, proved);
      outputOf(cli, flags).result({ address, provider, ...vouching }, () => [
        ...renderFields([
          ['provider', address],
          ['X25519 key', sealing === null ? 'none: it has no record' : bytesToHex(sealing.x25519)],
          ['X-Wing key', sealing === null || sealing.xWing.length === 0 ? 'none' : bytesToHex(sealing.xWing)],
        ]),
        '',
        ...renderVouching(vouching),
      ]);
    });
}
