import { account, bytes32, bytesToHex, hexToBytes, optional, struct } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { agenda } from './agenda.ts';
import { multisigProposals } from './multisig.ts';
import { announcementShape, announcements, proxies, proxyShape } from './proxies.ts';
import { accountShape, accounts } from './state.ts';

export const accountQuery = defineQuery({
  name: 'accounts_get',
  help: 'Nonce, spendable amount and deposit of an account; null when it does not exist.',
  params: struct('AccountParams', { address: account }),
  result: { anyOf: [accountShape.schema, { type: 'null' }] },
  run({ view }, { address }) {
    const found = accounts.get(view, address);
    return found === undefined ? null : accountShape.toJson(found);
  },
});

const MAX_LISTED = 200;

export const multisigQuery = defineQuery({
  name: 'accounts_multisigProposals',
  help: `Calls of a multisig account that wait for approvals, at most ${MAX_LISTED} above \`after\`.`,
  params: struct('MultisigProposalsParams', { multisig: account, after: optional(bytes32) }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        proposal: bytes32.schema,
        ...(multisigProposals.table.shape.schema.properties as object),
      },
    },
  },
  run({ view }, { multisig, after }) {
    const { table } = multisigProposals;
    const within = `${bytesToHex(multisig)}/`;
    const listed = [];
    for (const id of table.ids(view, within, after === null ? undefined : within + bytesToHex(after))) {
      if (listed.length >= MAX_LISTED) break;
      const proposal = bytes32.toJson(hexToBytes(id.slice(within.length)));
      listed.push({ proposal, ...(table.shape.toJson(table.get(view, id)!) as object) });
    }
    return listed;
  },
});

export const proxiesQuery = defineQuery({
  name: 'accounts_proxies',
  help: 'Delegates of an account with their purposes and delays, and the calls they announced.',
  params: struct('ProxiesParams', { owner: account }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        ...(proxyShape.schema.properties as object),
        announced: { type: 'array', items: announcementShape.schema },
      },
    },
  },
  run: ({ view }, { owner }) =>
    proxies.of(view, owner).map((proxy) => ({
      ...(proxyShape.toJson(proxy) as object),
      announced: announcements.of(view, owner, proxy.delegate).map(announcementShape.toJson),
    })),
});

export const scheduledQuery = defineQuery({
  name: 'accounts_scheduled',
  help: 'Calls of an account that wait for their slot, oldest first.',
  params: struct('ScheduledParams', { owner: account }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: { scheduled: bytes32.schema, ...(agenda.table.shape.schema.properties as object) },
    },
  },
  run: ({ view }, { owner }) =>
    agenda.ofOwner(view, owner).map((id) => ({
      scheduled: bytes32.toJson(id),
      ...(agenda.table.shape.toJson(agenda.get(view, id)!) as object),
    })),
});
