import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { defineVerifyCommand, type VerifyFlags } from './define.ts';

/** `cairn verify value` */
export function createVerifyValueCommand(cli: Cli): Command {
  return defineVerifyCommand(
    'value',
    'Shows what the state holds under a key, proved by the votes for a block.',
    ['verify value accounts/account/51ab…7c'],
  )
    .argument('<key>', 'a state key: module/table/id')
    .action(async (key: string, flags: VerifyFlags) => {
      if (!/^[\x21-\x7e]{1,512}$/.test(key))
        throw usage('A state key is up to 512 characters without spaces.');
      const { bytesToHex } = await import('@cairn/core');
      const { describeStateValue } = await import('@cairn/sdk');
      const { openVerifier, vouchingOf } = await import('./verifier.ts');
      const { renderVouching } = await import('./render.ts');
      const verifier = await openVerifier(cli, flags);
      const proved = await verifier.read(key);
      const value = proved.value === null ? null : bytesToHex(proved.value);
      const decoded = proved.value === null ? null : describeStateValue(key, proved.value);
      const vouching = vouchingOf(verifier, proved);
      outputOf(cli, flags).result({ key, value, decoded, ...vouching }, () => [
        ...renderFields([
          ['key', printable(key)],
          ['value', value ?? 'none: the state holds nothing under this key'],
          ...(decoded === null ? [] : [['means', printable(JSON.stringify(decoded))] as const]),
        ]),
        '',
        ...renderVouching(vouching),
      ]);
    });
}
