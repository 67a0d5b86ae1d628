import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError } from '../errors.ts';
import { formatBytes } from '../terminal/format.ts';
import { runProcess } from '../test-command/run-process.ts';

/** `cairn engine install` */
export function createEngineInstallCommand(cli: Cli): Command {
  return defineCommand({
    name: 'install',
    help: 'Adds a build of llama.cpp that uses the graphics card.',
    examples: ['engine install cuda', 'engine install vulkan --yes'],
    spends: true,
  })
    .argument('<kind>', 'cuda, vulkan or metal')
    .action(async (kind: string, flags: CommonFlags) => {
      const { findEnginePackages, placeEnginePackages } = await import('@cairn/node');
      const { confirm } = await import('../confirm.ts');
      const wanted = findEnginePackages(kind, { platform: process.platform, arch: process.arch });
      const packages = wanted.packages.map(({ name, version }) => `${name}@${version}`);
      const output = outputOf(cli, flags);
      const plan = { kind: wanted.kind, packages, sizeBytes: wanted.sizeBytes };
      const lines = [
        `Fetch ${packages.join(' and ')} from the npm registry:`,
        `  about ${formatBytes(wanted.sizeBytes)} in ${join(cli.root, 'node_modules')}; no install script is run.`,
      ];
      if (flags.dryRun === true) {
        output.result({ ...plan, installed: false }, () => [
          ...lines,
          'Nothing was fetched: this was a dry run.',
        ]);
        return;
      }
      await confirm(cli, flags, lines);
      const folder = await mkdtemp(join(tmpdir(), 'cairn-engine-'));
      try {
        const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
        const { exitCode } = await runProcess(npm, wanted.npmArguments(folder), { cwd: folder });
        if (exitCode !== 0) {
          throw new CliError(
            { code: 'ENGINE_INSTALL_FAILED', exitCode },
            `npm could not fetch the packages (status ${exitCode}); it says why above. Nothing was changed.`,
          );
        }
        await placeEnginePackages(wanted, folder, cli.root);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      output.result({ ...plan, installed: true }, () => [
        `Installed ${packages.join(' and ')}. ./cairn doctor shows whether it is used.`,
      ]);
    });
}
