import { askAllPages, askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asHex,
  asList,
  asNullable,
  asObject,
  asText,
  type Checked,
} from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';

const asProvider = asObject({
  account: asAddress,
  sealing: asObject({ x25519: asHex, xWing: asHex }),
  devices: asList(asObject({ peerKey: asHex, addresses: asList(asText), expirySlot: asAmount })),
  region: asText,
  recordDeposit: asAmount,
});
/** Keys and machines with which an account provides. */
export type ProviderView = Checked<typeof asProvider>;

/** Every provider that registered keys and machines. */
export const fetchProviders = (connection: Connection): Promise<ProviderView[]> =>
  askAllPages(connection, 'registry_providers', {}, asProvider, ({ account }) => account);

/** @throws CliError `NOT_FOUND` */
export async function fetchProvider(connection: Connection, address: string): Promise<ProviderView> {
  const params = { account: address };
  const provider = await askNode(connection, 'registry_provider', params, asNullable(asProvider));
  if (provider !== null) return provider;
  throw new CliError(
    { code: 'NOT_FOUND', what: `provider ${address}` },
    `${address} has registered no keys and machines. See ./cairn provider list.`,
  );
}
