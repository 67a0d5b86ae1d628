import { addressToAccountId, hexToBytes, type Logger, parseAmount } from '@cairn/core';
import type { LedgerReader, LedgerWriter, PeerName, Transport } from '@cairn/protocol';
import { createAccountClient, createRelayedTransport } from '@cairn/sdk';
import type { Settings } from '../config/table.ts';
import { openDataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey, type RoleKey } from '../data/role-keys.ts';
import { startHttpServer } from '../http/server.ts';
import { realParts } from '../real/real-parts.ts';
import { startGatewayRole } from '../roles/gateway-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import { sealModeOf } from '../sealing/seal-parts.ts';

/** Name of the proxy's keys and state in the data folder. */
const PROXY = 'proxy';

export interface ProxyOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** The ledger of the network, read through one of its nodes. */
  readonly ledger: LedgerReader & LedgerWriter;
  /** Reaches the providers; the proxy closes it. */
  readonly openTransport: (parts: NodeParts, key: RoleKey) => Promise<Transport>;
  /** Peer through which sealed requests go, so that providers do not see this address. @default none */
  readonly relay?: PeerName;
}

/** An OpenAI-compatible endpoint on this device that pays and seals by itself. */
export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** The account that pays. */
  readonly address: string;
  /** Pebbles it has outside channels. */
  spendable(): Promise<bigint>;
}

/**
 * Gives stock OpenAI clients on this device sealing and a wallet: prompts leave it sealed to the provider, and the
 * node whose ledger it reads sees none of them.
 *
 * @throws NodeError `DATA_FOLDER_IN_USE`, `PORT_TAKEN` and others that say what to do
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { settings, log, ledger } = options;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openDataFolder(settings.data));
  const base = realParts(log);
  const parts: NodeParts = { ...base, chainId: hexToBytes(ledger.chainId), ledger };
  const { crypto } = base;
  const key = await openRoleKey(folder, crypto, PROXY, 'hotkey');
  const direct = await options.openTransport(parts, key);
  const transport = options.relay === undefined ? direct : createRelayedTransport(direct, options.relay);
  const client = createAccountClient({ crypto, signer: key.signer, ledger });
  const role = stack.use(
    await startGatewayRole(parts, {
      client,
      ...(settings.spendFor === '' ? {} : { spendFor: addressToAccountId(settings.spendFor) }),
      transport,
      records: openRecordStore(folder.rolePath(PROXY)),
      keys: settings.apiKey === '' ? [] : [settings.apiKey],
      mostPerAnswer: parseAmount(settings.mostPerAnswer),
      seal: sealModeOf(settings),
      firstModel: settings.model,
      // It measures nobody: what validators measured is on the ledger.
      knownQuestion: () => null,
    }),
  );
  const server = stack.use(
    await startHttpServer(
      { http: [(request, response) => role.gateway.handle(request, response)] },
      { host: settings.host, port: settings.port, log: log.child('http') },
    ),
  );
  const owned = stack.move();
  return {
    url: server.url,
    address: key.address,
    spendable: () => client.spendable(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
