import { choice, decode, encode, struct, text, u8, type ValueOf } from '@cairn/core';
import type { Stream } from '@cairn/protocol';

/** Longest address that is asked about. */
export const MAX_ADDRESS_BYTES = 300;
const MAX_REASON_BYTES = 200;

const question = struct('DialBackQuestion', { address: text(MAX_ADDRESS_BYTES) });
const answer = struct('DialBackAnswer', {
  /** The host from which the asker comes, as the other side sees it; empty when it comes by a relay. */
  seen: text(64),
  /** `refused`: it was not tried, which says nothing about the address. */
  outcome: choice('outcome', ['refused', 'failed', 'reached'], u8),
  reason: text(MAX_REASON_BYTES),
});

export type DialBackAnswer = ValueOf<typeof answer>;

/** The name of the protocol on one network. */
export const dialBackProtocol = (networkTag: string): string => `/cairn/dial-back/1/${networkTag}`;

export async function askDialBack(stream: Stream, address: string): Promise<DialBackAnswer> {
  await stream.write(encode(question, { address }));
  await stream.closeWrite();
  return decode(answer, (await stream.read()) ?? new Uint8Array(0));
}

export async function readQuestion(stream: Stream): Promise<string> {
  return decode(question, (await stream.read()) ?? new Uint8Array(0)).address;
}

export async function writeAnswer(stream: Stream, given: DialBackAnswer): Promise<void> {
  await stream.write(encode(answer, { ...given, reason: given.reason.slice(0, MAX_REASON_BYTES / 4) }));
}
