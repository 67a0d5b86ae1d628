import { account, struct, u16, u64 } from '@cairn/core';
import { defineQuery } from '../../execution/query.ts';
import { childShape } from '../messages/set-children.ts';
import { readSpokenStake } from './spoken-stake.ts';
import { childrenAt, lendings } from './state.ts';

const childList = { type: 'array', items: childShape.schema };

export const childrenQuery = defineQuery({
  name: 'staking_children',
  help: 'To whom a hotkey lends its stake on a subnet, who lends to it and how much, and what it speaks for in all. Proportions are of 2^64 − 1.',
  params: struct('ChildrenParams', { netuid: u16, hotkey: account }),
  result: {
    type: 'object',
    properties: {
      children: childList,
      next: {
        anyOf: [
          { type: 'object', properties: { children: childList, fromSlot: u64.schema } },
          { type: 'null' },
        ],
      },
      takeBps: u16.schema,
      parents: {
        type: 'array',
        items: {
          type: 'object',
          properties: { hotkey: account.schema, tokens: u64.schema, root: u64.schema },
        },
      },
      tokens: u64.schema,
      root: u64.schema,
    },
  },
  run({ view, slot }, { netuid, hotkey }) {
    const lending = lendings.get(view, netuid, hotkey);
    const { alphaStake, rootStake, loans } = readSpokenStake(view, netuid, hotkey, slot);
    const next = lending?.next ?? null;
    return {
      children: childrenAt(lending, slot).map((child) => childShape.toJson(child)),
      next:
        next === null || slot >= next.fromSlot
          ? null
          : {
              children: next.children.map((child) => childShape.toJson(child)),
              fromSlot: next.fromSlot.toString(),
            },
      takeBps: lending?.takeBps ?? 0,
      parents: loans.map(({ parent, alpha, root }) => ({
        hotkey: account.toJson(parent),
        tokens: alpha.toString(),
        root: root.toString(),
      })),
      tokens: alphaStake.toString(),
      root: rootStake.toString(),
    };
  },
});
