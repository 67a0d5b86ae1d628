import type { Command } from 'commander';
import type { CommonFlags } from '../command.ts';
import { usage } from '../errors.ts';

/** Flags of commands that read history in pages. */
export interface PageFlags extends CommonFlags {
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly after?: string;
  readonly oldest?: true;
}

/** Adds the flags that say which part of history and how much of it. */
export function withPageOptions(command: Command): Command {
  return command
    .option('--from <height>', 'first block')
    .option('--to <height>', 'last block')
    .option('--limit <count>', 'entries, at most 500', '20')
    .option('--after <cursor>', 'go on after a page: its `next`')
    .option('--oldest', 'oldest first (default: newest first)');
}

/** The flags as the node takes them. @throws CliError `USAGE` */
export function pageParams(flags: PageFlags): Readonly<Record<string, unknown>> {
  return {
    descending: flags.oldest !== true,
    limit: parseCount('--limit', flags.limit),
    ...(flags.from === undefined ? {} : { from: parseCount('--from', flags.from) }),
    ...(flags.to === undefined ? {} : { to: parseCount('--to', flags.to) }),
    ...(flags.after === undefined ? {} : { after: flags.after }),
  };
}

/** A whole number of a flag. @throws CliError `USAGE` */
export function parseCount(flag: string, text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff) return Number(text);
  throw usage(`${flag} takes a whole number, not ${text}.`);
}

/** What to type for the next page; nothing after the last. */
export function moreLines(next: string | null): string[] {
  return next === null ? [] : ['', `There is more: repeat this with --after ${next}`];
}
