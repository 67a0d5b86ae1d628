import { join } from 'node:path';
import { type Config, createConfig, NodeError, readEnvironment, readJsonFile } from '@cairn/node';
import type { Cli } from './cli.ts';

/**
 * The settings in force: flag before environment before `<data>/config.json` before default.
 *
 * @param flags settings given on the command line, by name; what is absent was not given.
 * @throws NodeError `CONFIG_UNKNOWN_KEY`, `CONFIG_INVALID`, `DATA_FOLDER_MALFORMED`
 */
export async function loadConfig(cli: Cli, flags: Readonly<Record<string, unknown>>): Promise<Config> {
  const environment = readEnvironment(cli.environment);
  const { data } = createConfig({ flags, environment }).settings;
  const path = join(data, 'config.json');
  const file = await readJsonFile(path);
  if (file === undefined) return createConfig({ flags, environment });
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw new NodeError(
      { code: 'DATA_FOLDER_MALFORMED', path },
      `The file ${path} has to hold one JSON object of settings. Repair or delete it.`,
    );
  }
  return createConfig({ flags, environment, file: file as Record<string, unknown> });
}

/** The data folder of a command. */
export async function dataFolderOf(cli: Cli, flags: { readonly data?: string }): Promise<string> {
  return (await loadConfig(cli, flags.data === undefined ? {} : { data: flags.data })).settings.data;
}
