import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CommandFailed } from '../command-failed.ts';
import { usage } from '../errors.ts';
import { renderFields } from '../terminal/output.ts';

interface Flags extends CommonFlags {
  readonly certificates?: string;
  readonly root: readonly string[];
  readonly at?: string;
}

/** `cairn verify quote` */
export function createVerifyQuoteCommand(cli: Cli): Command {
  return defineCommand({
    name: 'quote',
    help: 'Checks attested hardware up to its maker: a quote of Intel TDX (versions 4 and 5), or a report of AMD SEV-SNP.',
    examples: [
      'verify quote ./quote.bin',
      'verify quote ./report.bin --certificates ./chain.pem',
      'verify quote ./quote.bin --at 2024-01-01 --json',
    ],
  })
    .argument('<file>', 'the quote, or the report with its certificates as PEM behind it')
    .option('--certificates <file>', 'certificates of a SEV-SNP report, the one of the chip first, as PEM')
    .option(
      '--root <sha256>',
      'hash of a root certificate that is trusted instead of those of Intel and AMD; may be given again',
      (root: string, before: readonly string[]) => [...before, root.toLowerCase()],
      [],
    )
    .option('--at <date>', 'when its certificates have to be valid (default: now)')
    .action(async (file: string, flags: Flags) => {
      const { readFile } = await import('node:fs/promises');
      const { resolve } = await import('node:path');
      const { checkQuote, VENDOR_ROOTS } = await import('@cairn/node');
      const { bytesToHex } = await import('@cairn/core');
      const read = (path: string) => readFile(resolve(cli.folder, path));
      const parts = [
        await read(file),
        ...(flags.certificates === undefined ? [] : [await read(flags.certificates)]),
      ];
      const atMs = flags.at === undefined ? cli.nowMs() : Date.parse(flags.at);
      if (Number.isNaN(atMs)) throw usage(`A date is such as 2024-01-01, not ${flags.at?.slice(0, 40)}.`);
      const roots = flags.root.length === 0 ? VENDOR_ROOTS : { tdx: flags.root, sevSnp: flags.root };
      const checked = checkQuote(new Uint8Array(Buffer.concat(parts)), roots, atMs);
      const output = outputOf(cli, flags);
      if (!checked.ok) {
        output.result({ ok: false, reason: checked.reason }, () => [
          `The quote does not hold: ${checked.reason}.`,
        ]);
        throw new CommandFailed();
      }
      const { reportData, tcb, ...report } = checked.report;
      const versions =
        typeof tcb === 'string'
          ? tcb
          : Object.entries(tcb)
              .map((each) => each.join(' '))
              .join(', ');
      output.result({ ok: true, ...report, tcb, reportData: bytesToHex(reportData) }, () => [
        ...renderFields([
          ['hardware', `${report.kind}, version ${report.version}`],
          ['measurement', report.measurement],
          ['report data', bytesToHex(reportData)],
          ['security versions', versions],
        ]),
        'Proved: the hardware of its maker ran a guest with this measurement, which cannot be debugged and gave this report data.',
        'Not checked: whether the maker has revoked a certificate, how it rates these versions now, and what program has this measurement.',
      ]);
    });
}
