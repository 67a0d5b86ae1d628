import { accountIdToAddress, bytesToHex, struct, text, u8, u16, u32, withDefault } from '@cairn/core';
import { receiptId, receiptShape } from '@cairn/protocol';
import { createAccountClient, findMessage } from '@cairn/sdk';
import { auditWeights } from '../audit/audit-weights.ts';
import type { RoleKey } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import type { ChainRole } from '../roles/chain-role.ts';
import type { IndexRole } from '../roles/index-role.ts';
import { NO_PARAMS, RpcError, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';
import { spendableKeys } from '../up/local-keys.ts';
import type { LocalNetwork } from '../up/local-network.ts';
import { VERSION } from '../version.ts';
import { checkMethods } from './check-methods.ts';
import { computeMethods } from './compute-methods.ts';
import { datasetMethods } from './dataset-methods.ts';
import { latencyMethod } from './latency-method.ts';
import { serveModelMethod, withdrawModelMethod } from './model-methods.ts';
import { privacyMethod } from './privacy-method.ts';
import { rotateSealingMethod } from './sealing-method.ts';
import { trainingMethods } from './training-methods.ts';

/** Most receipts of one answer. */
const MAX_RECEIPTS = 200;

const sendShape = struct('SendParams', { wallet: text(64), message: text(64) });
const auditShape = struct('AuditParams', { netuid: u16, uid: u16, mechanism: withDefault(u8, 0) });
const receiptsShape = struct('ReceiptsParams', { limit: withDefault(u16, 20) });
const rebuildShape = struct('RebuildIndexParams', { height: withDefault(u32, 0) });
const object = { type: 'object' };

/**
 * Methods that read or change this node, for the owner of its data folder. They are on the control socket only:
 * no web page and no other user of the machine can reach them.
 */
export function controlMethods(network: LocalNetwork): RpcMethod[] {
  return [
    ...ownerMethods({ ...network, roles: network.roles, keys: () => spendableKeys(network.keys) }),
    serveModelMethod(network),
    withdrawModelMethod(network),
    receiptsMethod(network),
    auditMethod(network),
    ...computeMethods(network.compute),
    ...trainingMethods(network),
    ...datasetMethods(network.market),
    ...checkMethods(network.checker),
  ];
}

/** What every node tells and does for its owner, whatever it runs. */
export interface OwnedNode
  extends Pick<LocalNetwork, 'parts' | 'folder' | 'url' | 'addresses' | 'reach' | 'roles' | 'index'> {
  /** Null on a node that pays no providers. */
  readonly gateway: LocalNetwork['gateway'] | null;
  /** Keys the owner may spend with, by name. */
  readonly keys: () => ReadonlyMap<string, RoleKey>;
}

/** Status, spending with the node's keys, its channels and its index. */
export function ownerMethods(node: OwnedNode): RpcMethod[] {
  return [
    statusMethod(node),
    walletsMethod(node),
    sendMethod(node),
    channelsMethod(node),
    indexStatusMethod(node),
    latencyMethod(node),
    privacyMethod(node),
    rotateSealingMethod(node),
    rebuildIndexMethod(node),
  ];
}

function statusMethod(network: OwnedNode): RpcMethod {
  const { clock, ledger } = network.parts;
  const startedMs = clock.nowMs();
  return {
    name: 'node_status',
    help: 'Version, process, address and roles of this node, and whether other nodes can dial it.',
    params: NO_PARAMS,
    result: object,
    async run() {
      const { name, kind, engine, chainId } = await ledger.status();
      return {
        version: VERSION,
        pid: process.pid,
        uptimeMs: clock.nowMs() - startedMs,
        data: network.folder.path,
        url: network.url,
        addresses: network.addresses,
        reach: network.reach(),
        network: { name, kind, engine, chainId },
        roles: network.roles().map(({ name: role, kind: what, address, coldkey, note }) => ({
          name: role,
          kind: what,
          address,
          coldkey,
          note,
        })),
        residentBytes: process.memoryUsage.rss(),
      };
    },
  };
}

function walletsMethod({ keys }: OwnedNode): RpcMethod {
  return {
    name: 'node_wallets',
    help: 'Keys of this node that its owner may spend with: names and addresses.',
    params: NO_PARAMS,
    result: { type: 'array', items: object },
    run: async () => [...keys()].map(([name, { address }]) => ({ name, address })),
  };
}

function sendMethod({ keys, parts }: OwnedNode): RpcMethod {
  return {
    name: 'node_send',
    help: 'Signs a message with a key of this node, sends it and waits for its block.',
    params: {
      ...sendShape.schema,
      properties: { ...(sendShape.schema.properties as object), value: object },
    },
    result: object,
    async run(given) {
      const { value, ...rest } = given as { value?: unknown };
      const { wallet, message } = parseParams(sendShape, rest);
      const key = keys().get(wallet);
      if (key === undefined) throw invalid(`This node has no key ${wallet}. See node_wallets.`);
      const definition = findMessage(message);
      if (definition === undefined) throw invalid(`There is no message ${message}.`);
      const client = createAccountClient({ crypto: parts.crypto, signer: key.signer, ledger: parts.ledger });
      return client.send(message, parseParams(definition.shape, value));
    },
  };
}

function receiptsMethod({ gateway, parts }: LocalNetwork): RpcMethod {
  return {
    name: 'node_receipts',
    help: 'Receipts of what this node paid for, the newest last.',
    params: receiptsShape.schema,
    result: { type: 'array', items: object },
    async run(given) {
      const { limit } = parseParams(receiptsShape, given);
      const all = [...gateway.payer.receipts()];
      return all.slice(-Math.min(limit, MAX_RECEIPTS)).map(({ receipt }) => ({
        id: bytesToHex(receiptId(parts.crypto, receipt)),
        ...(receiptShape.toJson(receipt) as object),
      }));
    },
  };
}

function channelsMethod({ gateway }: OwnedNode): RpcMethod {
  return {
    name: 'node_channels',
    help: 'Channels this node pays through, with what their receipts add up to.',
    params: NO_PARAMS,
    result: { type: 'array', items: object },
    run: async () =>
      (gateway?.payer.channels() ?? []).map(({ channel, payee, deposited, settled }) => ({
        channel: bytesToHex(channel),
        payee: accountIdToAddress(payee),
        deposited: deposited.toString(),
        settled: settled.toString(),
      })),
  };
}

function auditMethod({ parts, blobs, findRefuted }: LocalNetwork): RpcMethod {
  return {
    name: 'node_audit',
    help: "Derives a validator's weights again from its evidence and compares them with the ledger.",
    params: auditShape.schema,
    result: object,
    async run(given) {
      const { netuid, uid, mechanism } = parseParams(auditShape, given);
      return auditWeights({ ...parts, blobs, findRefuted }, netuid, uid, mechanism);
    },
  };
}

/** For nodes that decide with others. */
export function snapshotMethod({ takeSnapshot }: Pick<ChainRole, 'takeSnapshot'>): RpcMethod {
  return {
    name: 'node_snapshot',
    help: 'Takes a snapshot of the last block now, for nodes that join, and waits until it is written.',
    params: NO_PARAMS,
    result: object,
    run: takeSnapshot,
  };
}

function indexOf({ index }: OwnedNode): IndexRole {
  if (index !== null) return index;
  throw new NodeError(
    { code: 'INDEX_OFF' },
    'This node keeps no index: the setting indexDatabase is off. Change it and start the node again.',
  );
}

function indexStatusMethod(network: OwnedNode): RpcMethod {
  return {
    name: 'node_indexStatus',
    help: 'How far the index has come, where its database is, and what stopped it.',
    params: NO_PARAMS,
    result: object,
    run: async () => indexOf(network).status(),
  };
}

function rebuildIndexMethod(network: OwnedNode): RpcMethod {
  return {
    name: 'node_rebuildIndex',
    help: 'Forgets everything of the index above a height, all of it at 0, and indexes it again.',
    params: rebuildShape.schema,
    result: object,
    async run(given) {
      const index = indexOf(network);
      await index.rebuild(parseParams(rebuildShape, given).height);
      return index.status();
    },
  };
}

function invalid(reason: string): RpcError {
  return new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}
