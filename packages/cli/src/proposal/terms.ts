import { addressToAccountId, parseAmount } from '@cairn/core';
import type { ParameterView } from '../answer/parameters.ts';
import { usage } from '../errors.ts';

/** What of `proposal create` says what it does. */
export interface TermFlags {
  readonly set?: readonly string[];
  readonly pause?: string;
  readonly slots?: string;
  readonly grant?: string;
  readonly milestone?: readonly string[];
  readonly council?: readonly string[];
  readonly agreement?: string;
}

/** Terms as `governance.propose` takes them, and in words. */
export interface Terms {
  readonly value: {
    readonly kind: 'parameter' | 'ruleVersion' | 'pause' | 'grant' | 'council';
    readonly changes: readonly { readonly name: string; readonly value: bigint }[];
    readonly pause: { readonly module: string; readonly slots: bigint } | null;
    readonly grant: {
      readonly payee: Uint8Array;
      readonly milestones: readonly { readonly amount: bigint; readonly deadlineSlot: bigint }[];
    } | null;
    readonly council: { readonly members: readonly Uint8Array[]; readonly agreement: number } | null;
  };
  readonly details: readonly (readonly [name: string, value: string])[];
}

const NOTHING = { changes: [], pause: null, grant: null, council: null };

function whole(text: string | undefined, what: string): bigint {
  if (text !== undefined && /^\d{1,19}$/.test(text)) return BigInt(text);
  throw usage(`${what} has to be a whole number, not ${text ?? 'left out'}.`);
}

/**
 * Reads the one thing a proposal does.
 *
 * @param slot of now: deadlines are given in slots from it.
 * @throws CliError `USAGE`
 */
export function parseTerms(flags: TermFlags, parameters: readonly ParameterView[], slot: bigint): Terms {
  const named = [flags.set, flags.pause, flags.grant, flags.council].filter((each) => each !== undefined);
  if (named.length !== 1)
    throw usage('A proposal does one thing: give --set, --pause, --grant or --council.');
  if (flags.set !== undefined) return changesOf(flags.set, parameters);
  if (flags.pause !== undefined) return pauseOf(flags.pause, flags.slots);
  if (flags.grant !== undefined) return grantOf(flags.grant, flags.milestone ?? [], slot);
  return councilOf(flags.council!, flags.agreement);
}

function changesOf(set: readonly string[], parameters: readonly ParameterView[]): Terms {
  const details: [string, string][] = [];
  const units = new Set<boolean>();
  const changes = set.map((text) => {
    const [name = '', value] = text.split('=');
    const known = parameters.find((parameter) => parameter.name === name);
    if (known === undefined) throw usage(`There is no parameter ${name}. See ./cairn params.`);
    if (known.changedBy !== 'governance') throw usage(`Parameter ${name} is fixed by ${known.changedBy}.`);
    units.add(known.unit === 'version');
    details.push(['sets', `${name} from ${known.value} to ${value} ${known.unit}`]);
    return { name, value: whole(value, `The value of ${name}`) };
  });
  if (units.size > 1) throw usage('Rule versions are proposed apart from other parameters.');
  const kind = units.has(true) ? 'ruleVersion' : 'parameter';
  return { value: { ...NOTHING, kind, changes }, details };
}

function pauseOf(module: string, given: string | undefined): Terms {
  const slots = whole(given, '--slots');
  return {
    value: { ...NOTHING, kind: 'pause', pause: { module, slots } },
    details: [['pauses', `${module} for ${slots} slots`]],
  };
}

function grantOf(address: string, given: readonly string[], slot: bigint): Terms {
  const milestones = given.map((text) => {
    const [amount = '', slots] = text.split(':');
    return {
      amount: parseAmount(amount),
      deadlineSlot: slot + whole(slots, `The deadline of milestone ${text}`),
    };
  });
  return {
    value: { ...NOTHING, kind: 'grant', grant: { payee: addressToAccountId(address), milestones } },
    details: [
      ['pays', address],
      ...given.map((text) => ['milestone', `${text.replace(':', ' CAIRN within ')} slots`] as const),
    ],
  };
}

function councilOf(addresses: readonly string[], given: string | undefined): Terms {
  const agreement = Number(whole(given, '--agreement'));
  return {
    value: {
      ...NOTHING,
      kind: 'council',
      council: { members: addresses.map((address) => addressToAccountId(address)), agreement },
    },
    details: [
      ['agreement', `${agreement} of ${addresses.length}`],
      ...addresses.map((address) => ['member', address] as const),
    ],
  };
}
