import type { Command } from 'commander';
import { type CommonFlags, defineCommand } from '../command.ts';

export interface VerifyFlags extends CommonFlags {
  readonly from?: string;
  readonly witness: readonly string[];
  readonly trustHeight?: string;
  readonly trustHash?: string;
  readonly maxAge: string;
  readonly trustingPeriod?: string;
}

/** A command that checks something without trusting who answers. */
export function defineVerifyCommand(name: string, help: string, examples: readonly string[]): Command {
  return defineCommand({ name, help, examples, data: true })
    .option('--from <url>', 'the node that is asked (default: the one of the data folder)')
    .option(
      '--witness <url>',
      'a node that has to have the same header; may be given again',
      (url: string, before: readonly string[]) => [...before, url],
      [],
    )
    .option('--trust-height <height>', 'a height whose header you trust')
    .option('--trust-hash <hash>', 'the hash of that header')
    .option(
      '--trusting-period <hours>',
      'for how long a header is trusted (default: two thirds of the time that stake is unbonding)',
    )
    .option('--max-age <minutes>', 'refuse a newest header older than this', '10');
}
