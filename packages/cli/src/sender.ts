import { createEd25519Signer, createPureCrypto } from '@cairn/core';
import type { TransactionView } from '@cairn/protocol';
import { createAccountClient, findMessage, SdkError } from '@cairn/sdk';
import type { Cli } from './cli.ts';
import { type CommonFlags, outputOf } from './command.ts';
import { confirm } from './confirm.ts';
import type { Connection } from './connect.ts';
import { CliError } from './errors.ts';
import { findNodeWallets } from './node-views.ts';
import { exactCairn } from './terminal/format.ts';
import { renderFields } from './terminal/output.ts';
import { printable } from './terminal/printable.ts';
import { askPassphrase } from './wallet/passphrase.ts';
import { listWallets, type OpenWallet, openWallet } from './wallet/wallet-store.ts';

/** An account that can sign: a wallet of this folder, or a key of the running node. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Set for wallets, which have keys of their own. */
  readonly wallet: OpenWallet | null;
  send(message: string, value: unknown): Promise<TransactionView>;
}

/** Name and address of a wallet of this folder or a key of its node. */
async function findWalletByName(
  connection: Connection,
  name: string,
): Promise<{ readonly name: string; readonly address: string; readonly isNodes: boolean }> {
  const own = (await listWallets(connection.data)).find((wallet) => wallet.name === name);
  if (own !== undefined) return { ...own, isNodes: false };
  const nodes = (await findNodeWallets(connection)).find((wallet) => wallet.name === name);
  if (nodes !== undefined) return { name, address: nodes.address, isNodes: true };
  throw new CliError(
    { code: 'WALLET_UNKNOWN', name },
    `There is no wallet ${printable(name)} here. See ./cairn wallet list.`,
  );
}

/** An account's address as given, or the one of the wallet of this name. */
export async function resolveAccount(
  connection: Connection,
  nameOrAddress: string,
): Promise<{ readonly name: string | null; readonly address: string }> {
  if (nameOrAddress.startsWith('cairn1')) return { name: null, address: nameOrAddress };
  const { name, address } = await findWalletByName(connection, nameOrAddress);
  return { name, address };
}

/** Opens the wallet or finds the node's key that pays. */
export async function openSender(cli: Cli, connection: Connection, name: string): Promise<Sender> {
  const { address, isNodes } = await findWalletByName(connection, name);
  if (isNodes) {
    return {
      name,
      address,
      wallet: null,
      send: (message, value) =>
        connection.ledger.call<TransactionView>('node_send', {
          wallet: name,
          message,
          value: requireMessage(message).shape.toJson(value),
        }),
    };
  }
  const wallet = await openWallet(connection.data, name, await askPassphrase(cli, name));
  const { ledger } = connection;
  const client = createAccountClient({ crypto: createPureCrypto(), signer: wallet.signer, ledger });
  return { name, address, wallet, send: (message, value) => client.send(message, value) };
}

function requireMessage(message: string) {
  const definition = findMessage(message);
  if (definition !== undefined) return definition;
  throw new SdkError(
    { code: 'MESSAGE_UNKNOWN', message },
    `There is no message ${message}. Upgrade this program.`,
  );
}

/** Pebbles that a transaction costs for bytes and work: the same whoever signs, so anybody's signature measures it. */
async function feeOf({ ledger }: Connection, { message, value }: Message): Promise<bigint> {
  const signer = createEd25519Signer(new Uint8Array(32).fill(1));
  return (await createAccountClient({ crypto: createPureCrypto(), signer, ledger }).prepare(message, value))
    .fee;
}

/** One message as the ledger takes it. */
export interface Message {
  readonly message: string;
  readonly value: unknown;
}

export interface Spending extends Message {
  /** What has to be on the ledger first; sent from the same account. */
  readonly before?: readonly Message[];
  /** What is done, in words. */
  readonly what: string;
  /** What leaves the account besides the fee, in pebbles. */
  readonly amount: bigint;
  /** More for a person to know before saying yes. */
  readonly details: readonly (readonly [name: string, value: string])[];
}

/**
 * Shows what a transaction does and costs, asks, sends it, and prints what became of it.
 *
 * @throws CliError `CONFIRMATION_NEEDED`, `DECLINED`; SdkError `TRANSACTION_REFUSED`
 */
export async function spend(
  cli: Cli,
  flags: CommonFlags,
  connection: Connection,
  from: string | Sender,
  spending: Spending,
): Promise<void> {
  const { message, value, what, amount, details, before = [] } = spending;
  const payer = typeof from === 'string' ? await findWalletByName(connection, from) : from;
  const fees = await Promise.all([...before, spending].map((sent) => feeOf(connection, sent)));
  const fee = fees.reduce((sum, each) => sum + each, 0n);
  const output = outputOf(cli, flags);
  const lines = [
    printable(what),
    ...renderFields([
      ['  amount', exactCairn(amount)],
      ...details.map(([name, text]) => [`  ${name}`, printable(text)] as const),
      ['  from', `${payer.name} ${payer.address}`],
      ['  fee', exactCairn(fee)],
    ]),
  ];
  const plan = { message, from: payer.address, amount, fee };
  if (flags.dryRun === true) {
    output.result({ ...plan, sent: false }, () => [...lines, 'Not sent: this was a dry run.']);
    return;
  }
  await confirm(cli, flags, lines);
  const sender = typeof from === 'string' ? await openSender(cli, connection, from) : from;
  let paid = 0n;
  for (const first of before) paid += BigInt((await sender.send(first.message, first.value)).fee);
  const { id, height, fee: lastFee, events } = await sender.send(message, value);
  paid += BigInt(lastFee);
  output.result({ ...plan, fee: paid, sent: true, transaction: id, height, events }, () => [
    `Done in block ${height}: transaction ${id}, fee ${exactCairn(paid)}.`,
  ]);
}
