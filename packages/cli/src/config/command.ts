import { join } from 'node:path';
import type { Config } from '@cairn/node';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn config` */
export function createConfigCommand(cli: Cli): Command {
  return defineCommand({
    name: 'config',
    help: 'Shows every setting, its value and where the value came from.',
    examples: ['config', 'config --data ./network --json'],
    data: true,
  }).action(async (flags: CommonFlags) => {
    const { loadConfig } = await import('../settings.ts');
    const { environmentName, SECRET_SETTINGS, SETTING_NAMES, SETTINGS } = await import('@cairn/node');
    const config: Config = await loadConfig(cli, flags.data === undefined ? {} : { data: flags.data });
    const settings = SETTING_NAMES.map((name) => {
      const value = config.settings[name];
      return {
        name,
        value: SECRET_SETTINGS.includes(name) && value !== '' ? '(hidden)' : value,
        unit: 'unit' in SETTINGS[name] ? SETTINGS[name].unit : null,
        source: config.sources[name],
        environment: environmentName(name),
        help: SETTINGS[name].help,
      };
    });
    const output = outputOf(cli, flags);
    const path = join(config.settings.data, 'config.json');
    output.result({ file: path, settings }, () => [
      ...renderTable(
        [
          { header: 'SETTING' },
          { header: 'VALUE', cut: true },
          { header: 'UNIT' },
          { header: 'FROM' },
          { header: 'ENVIRONMENT' },
          { header: 'MEANING', cut: true },
        ],
        settings.map(({ name, value, unit, source, environment, help }) => [
          name,
          printable(String(value)),
          unit ?? '',
          source,
          environment,
          help,
        ]),
        output.columns,
      ),
      '',
      `Flags come before the environment, the environment before ${path}, that before the defaults.`,
    ]);
  });
}
