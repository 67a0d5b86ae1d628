import {
  account,
  accountIdToAddress,
  areBytesEqual,
  bytesToHex,
  hexToBytes,
  optional,
  struct,
  u16,
  withDefault,
} from '@cairn/core';
import { defineQuery } from '../../execution/query.ts';
import { accounts } from '../state.ts';
import { subKeyShape, subKeys } from '../sub-keys/state.ts';
import { speakingKeyOf } from './speaking.ts';
import {
  accountKeys,
  keyChangeShape,
  keyChanges,
  keyRecordShape,
  recoveryAt,
  recoveryShape,
} from './state.ts';

const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const field = (shape: { schema: object }, name: string) =>
  (shape.schema as { properties: Record<string, object> }).properties[name]!;

export const accountKeysQuery = defineQuery({
  name: 'accounts_keys',
  help: 'Which key speaks for an account, which did before, what change waits, who its guardians are; null when it does not exist.',
  params: struct('AccountKeysParams', { address: account }),
  result: nullable({
    type: 'object',
    properties: {
      key: account.schema,
      former: field(keyRecordShape, 'former'),
      change: nullable(keyChangeShape.schema),
      recovery: nullable(recoveryShape.schema),
      isFrozen: { type: 'boolean' },
    },
  }),
  run({ view, slot }, { address }) {
    const found = accounts.get(view, address);
    if (found === undefined) return null;
    const record = accountKeys.get(view, address);
    const change = keyChanges.get(view, address);
    const recovery = recoveryAt(view, address, slot);
    return {
      key: accountIdToAddress(speakingKeyOf(view, address, found)),
      former: (record?.former ?? []).map(({ key, untilHeight }) => ({
        key: accountIdToAddress(key),
        untilHeight: untilHeight.toString(),
      })),
      change: change === undefined ? null : keyChangeShape.toJson(change),
      recovery: recovery === undefined ? null : recoveryShape.toJson(recovery),
      isFrozen: found.isFrozen && slot < (recovery?.frozenUntil ?? 0n),
    };
  },
});

const MAX_LISTED = 200;

export const subKeysQuery = defineQuery({
  name: 'accounts_subKeys',
  help: `Keys that may spend for an owner with their limits and what they spent, at most ${MAX_LISTED} above \`after\`. A void one was set by a former key of the owner, an expired one is past its last slot: neither spends. Models are for a gateway to enforce.`,
  params: struct('SubKeysParams', { owner: account, after: optional(account), limit: withDefault(u16, 0) }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        key: account.schema,
        ...(subKeyShape.schema as { properties: object }).properties,
        isVoid: { type: 'boolean' },
        isExpired: { type: 'boolean' },
      },
    },
  },
  run({ view, slot }, { owner, after, limit }) {
    const within = `${bytesToHex(owner)}/`;
    const speaking = speakingKeyOf(view, owner);
    const listed = [];
    for (const id of subKeys.table.ids(
      view,
      within,
      after === null ? undefined : within + bytesToHex(after),
    )) {
      if (listed.length >= Math.min(limit === 0 ? MAX_LISTED : limit, MAX_LISTED)) break;
      const found = subKeys.table.get(view, id)!;
      listed.push({
        key: accountIdToAddress(hexToBytes(id.slice(within.length))),
        ...(subKeyShape.toJson(found) as object),
        isVoid: !areBytesEqual(found.setBy, speaking),
        isExpired: slot > found.limits.expirySlot,
      });
    }
    return listed;
  },
});
