import { homedir } from 'node:os';
import { join } from 'node:path';
import { nearestName } from '@cairn/core';
import { NodeError } from '../errors.ts';
import {
  SECRET_SETTINGS,
  SETTING_NAMES,
  SETTINGS,
  type SettingDefinition,
  type SettingName,
  type Settings,
} from './table.ts';

export type SettingSource = 'flag' | 'environment' | 'file' | 'default';

export interface Config {
  readonly settings: Readonly<Settings>;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
}

export interface ConfigInput {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly file?: Readonly<Record<string, unknown>>;
}

/**
 * Fills the settings: flag before environment before file before default.
 *
 * @throws NodeError `CONFIG_UNKNOWN_KEY`, `CONFIG_INVALID`
 */
export function createConfig({ flags = {}, environment = {}, file = {} }: ConfigInput): Config {
  for (const key of [...Object.keys(flags), ...Object.keys(environment), ...Object.keys(file)])
    refuseUnknown(key);
  const settings: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  for (const name of SETTING_NAMES) {
    const [source, value] = (
      [
        ['flag', flags[name]],
        ['environment', environment[name]],
        ['file', file[name]],
        ['default', SETTINGS[name].initial],
      ] as const
    ).find(([, candidate]) => candidate !== undefined) as readonly [SettingSource, unknown];
    settings[name] = parseSetting(name, value);
    sources[name] = source;
  }
  settings.data = expandHome(settings.data as string);
  refuseHubBehindRelay(settings as Settings);
  return { settings: settings as Settings, sources: sources as Record<SettingName, SettingSource> };
}

/** A relay passes on what is asked of providers, and the hub would be dialled as if there were none. */
function refuseHubBehindRelay({ hub, relayThrough }: Settings): void {
  if (hub === '' || relayThrough === '') return;
  throw new NodeError(
    { code: 'CONFIG_INVALID', key: 'relayThrough', value: relayThrough },
    `Settings hub and relayThrough are both set, and a relay passes no requests on to hubs: the hub ${hub} would see your address. Unset one of them; providers do not see who asks through a hub.`,
  );
}

function refuseUnknown(key: string): void {
  if (Object.hasOwn(SETTINGS, key)) return;
  const nearest = nearestName(key, SETTING_NAMES);
  const hint = nearest === null ? `Known: ${SETTING_NAMES.join(', ')}.` : `Did you mean ${nearest}?`;
  throw new NodeError({ code: 'CONFIG_UNKNOWN_KEY', key, nearest }, `There is no setting ${key}. ${hint}`);
}

function parseSetting(name: SettingName, value: unknown): unknown {
  const definition: SettingDefinition<unknown> = SETTINGS[name];
  const shown = SECRET_SETTINGS.includes(name) ? '(secret)' : String(value);
  const invalid = (expected: string) =>
    new NodeError(
      { code: 'CONFIG_INVALID', key: name, value: shown },
      `Setting ${name} is ${shown}; it takes ${expected}.`,
    );
  if (definition.kind === 'number') {
    // Digits only: what `Number` reads besides (hexadecimal, exponents, lists) is more likely a mistake.
    const isDigits = typeof value === 'string' && /^\d{1,16}$/.test(value.trim());
    const parsed = typeof value === 'number' ? value : isDigits ? Number(value) : Number.NaN;
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = definition;
    if (!Number.isInteger(parsed) || parsed < min || parsed > max) {
      throw invalid(`a whole number from ${min} to ${max} (${definition.unit})`);
    }
    return parsed;
  }
  if (typeof value !== 'string') throw invalid('text');
  const mayBeEmpty = definition.initial === '' || definition.mayBeEmpty === true;
  if (value === '' && !mayBeEmpty) throw invalid('text that is not empty');
  if (definition.choices !== undefined && !definition.choices.includes(value))
    throw invalid(`one of ${definition.choices.join(', ')}`);
  return value;
}

function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
