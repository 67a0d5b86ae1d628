import { SETTING_NAMES, type SettingName } from './table.ts';

/** `blockMs` → `CAIRN_BLOCK_MS` */
export function environmentName(name: SettingName): string {
  return `CAIRN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Settings found in the environment, as text. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Record<SettingName, string>> {
  const found: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const value = environment[environmentName(name)];
    if (value !== undefined && value !== '') found[name] = value;
  }
  return found;
}
