import { homedir } from 'node:os';
import { join } from 'node:path';
import { nearestName } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { createConfig } from '../../src/config/config.ts';
import { environmentName, readEnvironment } from '../../src/config/environment.ts';
import { SETTING_NAMES, SETTINGS } from '../../src/config/table.ts';
import { NodeError } from '../../src/errors.ts';

function refusal(run: () => unknown): NodeError {
  try {
    run();
  } catch (error) {
    if (error instanceof NodeError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('createConfig', () => {
  it('takes flag before environment before file before default', () => {
    const all = { flags: { port: 1 }, environment: { port: '2' }, file: { port: 3 } };
    const seen = [
      createConfig(all),
      createConfig({ ...all, flags: {} }),
      createConfig({ file: all.file }),
      createConfig({}),
    ].map(({ settings, sources }) => [settings.port, sources.port]);
    expect(seen).toEqual([
      [1, 'flag'],
      [2, 'environment'],
      [3, 'file'],
      [8470, 'default'],
    ]);
  });

  it('needs nothing on a fresh install', () => {
    const { settings, sources } = createConfig({});
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
    expect(settings.data).toBe(join(homedir(), '.cairn'));
  });

  it.each(['flags', 'environment', 'file'] as const)(
    'names the nearest setting for a mistyped one in %s',
    (place) => {
      const { problem, message } = refusal(() => createConfig({ [place]: { prot: 1 } }));
      expect(problem).toEqual({ code: 'CONFIG_UNKNOWN_KEY', key: 'prot', nearest: 'port' });
      expect(message).toContain('Did you mean port?');
    },
  );

  it('refuses a hub together with a relay, which passes no requests on to hubs', () => {
    const { problem, message } = refusal(() => createConfig({ flags: { hub: 'h', relayThrough: 'r' } }));
    expect(problem).toEqual({ code: 'CONFIG_INVALID', key: 'relayThrough', value: 'r' });
    expect(message).toContain('hub');
  });

  it.each(['__proto__', 'constructor', 'toString', 'zzzzzzzzzzzzz'])('knows no setting %s', (key) => {
    const file = JSON.parse(`{${JSON.stringify(key)}: 1}`) as Record<string, unknown>;
    expect(refusal(() => createConfig({ file })).code).toBe('CONFIG_UNKNOWN_KEY');
  });

  it.each([
    ['port', '65536'],
    ['port', -1],
    ['port', 1.5],
    ['port', '0x50'],
    ['port', '8e3'],
    ['port', ''],
    ['port', ' '],
    ['port', [8470]],
    ['port', true],
    ['port', Number.NaN],
    ['port', null],
    ['blockMs', '49'],
    ['tempo', 4],
    ['logLevel', 'loud'],
    ['data', 7],
    ['data', ''],
    ['host', ''],
  ])('refuses %s = %j', (key, value) => {
    const { problem, message } = refusal(() => createConfig({ flags: { [key]: value } }));
    expect(problem).toMatchObject({ code: 'CONFIG_INVALID', key });
    expect(message).toContain(`Setting ${key}`);
  });

  it('does not show a secret that it refuses', () => {
    const error = refusal(() => createConfig({ file: { apiKey: 12_345_678 } }));
    expect(`${error.message} ${JSON.stringify(error.problem)}`).not.toContain('12345678');
  });

  it('takes an empty text only where that says something', () => {
    expect(createConfig({ flags: { p2pListen: '' } }).settings.p2pListen).toBe('');
    expect(refusal(() => createConfig({ flags: { inputPrice: '' } })).code).toBe('CONFIG_INVALID');
  });

  it('accepts the bounds of every number', () => {
    for (const name of SETTING_NAMES) {
      const definition = SETTINGS[name];
      if (definition.kind !== 'number') continue;
      for (const bound of [definition.min, definition.max]) {
        expect(createConfig({ environment: { [name]: String(bound) } }).settings[name], name).toBe(bound);
      }
    }
  });
});

describe('readEnvironment', () => {
  it('reads every setting under its own name and nothing else', () => {
    const environment = Object.fromEntries(SETTING_NAMES.map((name) => [environmentName(name), name]));
    const found = readEnvironment({ ...environment, PATH: '/bin', CAIRN_OTHER: 'x' });
    expect(found).toEqual(Object.fromEntries(SETTING_NAMES.map((name) => [name, name])));
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readEnvironment({ CAIRN_PORT: '' })).toEqual({});
  });
});

describe('nearestName', () => {
  it('finds the closest name and none when nothing is close', () => {
    expect(nearestName('BLOCKMS', SETTING_NAMES)).toBe('blockMs');
    expect(nearestName('blockms ', SETTING_NAMES)).toBe('blockMs');
    expect(nearestName('xylophone', SETTING_NAMES)).toBeNull();
  });
});
