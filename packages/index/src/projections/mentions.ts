import { addressToAccountId, CairnError } from '@cairn/core';
import type { EventView } from '@cairn/protocol';

export interface Mentions {
  readonly accounts: ReadonlySet<string>;
  readonly netuids: ReadonlySet<number>;
}

/** Which accounts and subnets an event names, whatever its fields are called, so that this holds for new events too. */
export function mentionsOf({ data }: EventView): Mentions {
  const accounts = new Set<string>();
  const netuids = new Set<number>();
  const visit = (field: string, value: unknown): void => {
    if (typeof value === 'string') {
      if (isAddress(value)) accounts.add(value);
    } else if (typeof value === 'number') {
      if (/netuid/i.test(field) && Number.isSafeInteger(value) && value >= 0) netuids.add(value);
    } else if (Array.isArray(value)) {
      for (const entry of value) visit(field, entry);
    } else if (typeof value === 'object' && value !== null) {
      for (const [inner, entry] of Object.entries(value)) visit(inner, entry);
    }
  };
  for (const [field, value] of Object.entries(data)) visit(field, value);
  return { accounts, netuids };
}

function isAddress(text: string): boolean {
  if (!text.startsWith('cairn1')) return false;
  try {
    addressToAccountId(text);
    return true;
  } catch (error) {
    if (error instanceof CairnError) return false;
    throw error;
  }
}
