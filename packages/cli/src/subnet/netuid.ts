import { usage } from '../errors.ts';

/** @throws CliError `USAGE` */
export function parseNetuid(text: string): number {
  const netuid = Number(text);
  if (/^\d{1,5}$/.test(text) && netuid >= 1 && netuid <= 65_535) return netuid;
  throw usage(`A subnet is a number from 1 to 65535, not ${text}.`);
}

/** @throws CliError `USAGE` */
export function parseUid(text: string): number {
  const uid = Number(text);
  if (/^\d{1,5}$/.test(text) && uid <= 65_535) return uid;
  throw usage(`A uid is a number from 0 to 65535, not ${text}.`);
}

/** @throws CliError `USAGE` */
export function parseMechanism(text: string): number {
  const mechanism = Number(text);
  if (/^\d{1,3}$/.test(text) && mechanism <= 255) return mechanism;
  throw usage(`A mechanism is a number from 0 to 255, not ${text}.`);
}
