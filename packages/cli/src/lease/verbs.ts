import { hexToBytes, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineNoun } from '../command.ts';
import { usage } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn lease` */
export function createLeaseNoun(cli: Cli): Command {
  return defineNoun('lease', 'Leases of compute: top-up, close, give notice, abandon.', [
    createTopUp(cli),
    createClose(cli),
    createNotice(cli),
    createAbandon(cli),
  ]);
}

const LEASE = ['<lease>', 'its id: 64 hexadecimal digits, from deployment show'] as const;

function parseId(id: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(id)) throw usage(`A lease is named by 64 hexadecimal digits, not ${id}.`);
  return hexToBytes(id);
}

function createTopUp(cli: Cli): Command {
  return defineSending(cli, {
    name: 'top-up',
    help: 'Puts more CAIRN into a lease that runs, so that it runs longer.',
    examples: ['lease top-up 3f2a… 5 --wallet savings'],
    words: [LEASE, ['<cairn>', 'how much to put in']],
    async build({ words: [id = '', given = ''] }) {
      const amount = parseAmount(given);
      return {
        message: 'compute.topUp',
        value: { lease: parseId(id), amount },
        what: 'Top up a lease',
        amount,
        details: [['what is left at its end', 'goes to the tenant']],
      };
    },
  });
}

function createClose(cli: Cli): Command {
  return defineSending(cli, {
    name: 'close',
    help: 'Ends a lease at once, as its tenant: the slots that are over are paid, the rest of the funds returns.',
    examples: ['lease close 3f2a… --wallet gateway'],
    words: [LEASE],
    async build({ words: [id = ''] }) {
      return {
        message: 'compute.close',
        value: { lease: parseId(id) },
        what: 'Close a lease',
        amount: 0n,
        details: [['callers', 'cannot reach the function any more']],
      };
    },
  });
}

function createNotice(cli: Cli): Command {
  return defineSending(cli, {
    name: 'notice',
    help: 'Gives notice of a lease, as its provider: it ends, with the bond returned, after the slots that its bid promised.',
    examples: ['lease notice 3f2a… --wallet provider'],
    words: [LEASE],
    async build({ words: [id = ''] }) {
      return {
        message: 'compute.announceReclaim',
        value: { lease: parseId(id) },
        what: 'Give notice of a lease',
        amount: 0n,
        details: [['the bond', 'returns at the end of the notice']],
      };
    },
  });
}

function createAbandon(cli: Cli): Command {
  return defineSending(cli, {
    name: 'abandon',
    help: 'Leaves a lease at once, as its provider: the bond goes to the tenant.',
    examples: ['lease abandon 3f2a… --wallet provider'],
    words: [LEASE],
    async build({ words: [id = ''] }) {
      return {
        message: 'compute.abandon',
        value: { lease: parseId(id) },
        what: 'Abandon a lease',
        amount: 0n,
        details: [['the bond', 'is lost: it goes to the tenant']],
      };
    },
  });
}
