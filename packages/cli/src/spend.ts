import { createEd25519Signer, createPureCrypto } from '@cairn/core';
import { createAccountClient, requireMessage } from '@cairn/sdk';
import { checkAnswer } from './answer/ask-node.ts';
import {
  asAmount,
  asCount,
  asHex,
  asList,
  asObject,
  asRecord,
  asText,
  type Checked,
} from './answer/checks.ts';
import type { Cli } from './cli.ts';
import { type CommonFlags, outputOf } from './command.ts';
import { CommandFailed } from './command-failed.ts';
import { confirm } from './confirm.ts';
import type { Connection } from './connect.ts';
import { findPayer, openSender, type Payer, type Sender } from './sender.ts';
import { exactCairn } from './terminal/format.ts';
import { renderFields, toJson } from './terminal/output.ts';
import { printable } from './terminal/printable.ts';

/** One message as the ledger takes it. */
export interface Message {
  readonly message: string;
  readonly value: unknown;
}

/** A transaction in a block, as far as it is read here. */
const asSent = asObject({
  id: asHex,
  height: asCount,
  fee: asAmount,
  events: asList(asObject({ name: asText, data: asRecord })),
});
export type Sent = Checked<typeof asSent>;

/** What became of something that is decided after the transaction itself, such as a swap. */
export interface Outcome {
  /** Whether it is what was asked for; otherwise the command fails. */
  readonly isDone: boolean;
  /** For `--json`. */
  readonly value: object;
  readonly lines: readonly string[];
}

export interface Spending extends Message {
  /** What has to be on the ledger first; sent from the same account. */
  readonly before?: readonly Message[];
  /** Waits, after `before`, until the message itself can be sent. */
  readonly ready?: () => Promise<void>;
  /** What is done, in words. */
  readonly what: string;
  /** Pebbles that leave the account besides the fee; null when only the message itself says. */
  readonly amount: bigint | null;
  /** Most pebbles that are kept back for new records and come back with them; left out: nothing says exactly. */
  readonly deposit?: bigint;
  /** More for a person to know before saying yes. */
  readonly details: readonly (readonly [name: string, value: string])[];
  /** The same for `--json`. */
  readonly plan?: object;
  /** Waits for what comes of it and tells. */
  readonly outcome?: (sent: Sent, payer: { readonly address: string }) => Promise<Outcome>;
}

/** Pebbles that a transaction costs for bytes and work: the same whoever signs, so anybody's signature measures it. */
async function feeOf({ ledger }: Connection, { message, value }: Message): Promise<bigint> {
  const signer = createEd25519Signer(new Uint8Array(32).fill(1));
  return (await createAccountClient({ crypto: createPureCrypto(), signer, ledger }).prepare(message, value))
    .fee;
}

/**
 * Shows what a transaction does and costs, asks, sends it, and prints what became of it.
 *
 * @throws CliError `CONFIRMATION_NEEDED`, `DECLINED`; SdkError `TRANSACTION_REFUSED`; CommandFailed when the outcome
 * is not what was asked for
 */
export async function spend(
  cli: Cli,
  flags: CommonFlags,
  connection: Connection,
  from: string | Payer,
  spending: Spending,
): Promise<void> {
  const { message, value, what, amount, details, deposit = null, before = [] } = spending;
  const payer = typeof from === 'string' ? await findPayer(cli, connection, from) : from;
  const fees = await Promise.all([...before, spending].map((sent) => feeOf(connection, sent)));
  const fee = fees.reduce((sum, each) => sum + each, 0n);
  const output = outputOf(cli, flags);
  const lines = [
    printable(what),
    ...renderFields([
      ...(amount === null || amount === 0n ? [] : [['  amount', exactCairn(amount)] as const]),
      ...details.map(([name, text]) => [`  ${name}`, printable(text)] as const),
      ...(deposit === null || deposit === 0n
        ? []
        : [['  deposit', `at most ${exactCairn(deposit)}, refundable`] as const]),
      ['  from', printable(`${payer.name} ${payer.address}`)],
      ['  fee', exactCairn(fee)],
    ]),
  ];
  const first = before.map(messageJson);
  const plan = {
    ...messageJson(spending),
    ...(first.length === 0 ? {} : { before: first }),
    from: payer.address,
    amount,
    deposit,
    fee,
    ...spending.plan,
  };
  if (flags.dryRun === true) {
    const sent = [...first, messageJson(spending)].map((each) => `  ${each.message} ${toJson(each.value)}`);
    output.result({ ...plan, sent: false }, () => [
      ...lines,
      'It would send:',
      ...sent.map(printable),
      'Not sent: this was a dry run.',
    ]);
    return;
  }
  await confirm(cli, flags, lines);
  const sender = 'send' in payer ? payer : await openSender(cli, connection, payer.name);
  let paid = 0n;
  for (const earlier of before) paid += (await sendChecked(sender, earlier)).fee;
  await spending.ready?.();
  const sent = await sendChecked(sender, { message, value });
  const { id, height, events } = sent;
  paid += sent.fee;
  const outcome = await spending.outcome?.(sent, payer);
  output.result(
    { ...plan, fee: paid, sent: true, transaction: id, height, events, ...outcome?.value },
    () => [
      `Done in block ${height}: transaction ${id}, fee ${exactCairn(paid)}.`,
      ...(outcome?.lines ?? []).map(printable),
    ],
  );
  if (outcome?.isDone === false) throw new CommandFailed();
}

/** A message as `tx send` takes it. */
function messageJson({ message, value }: Message): { readonly message: string; readonly value: unknown } {
  return { message, value: requireMessage(message).shape.toJson(value) };
}

async function sendChecked(sender: Sender, { message, value }: Message): Promise<Sent> {
  return checkAnswer(`the transaction ${message}`, await sender.send(message, value), asSent);
}
