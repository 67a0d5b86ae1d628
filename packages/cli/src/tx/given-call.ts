import { bytesToHex, createPureCrypto } from '@cairn/core';
import { type Call, callHashOf, messageToCall } from '@cairn/sdk';
import type { Cli } from '../cli.ts';
import { describeValue, parseMessage, readValue } from './message-value.ts';

/** A message that something else runs, with what a person reads of it. */
export interface GivenCall {
  readonly call: Call;
  readonly hash: Uint8Array;
  readonly details: readonly [string, string][];
}

/** @throws CliError `USAGE` */
export async function readCall(cli: Cli, name: string, given: string): Promise<GivenCall> {
  const { message, value, json } = parseMessage(name, await readValue(cli, given));
  const call = messageToCall(message, value);
  const hash = callHashOf(createPureCrypto(), call);
  return {
    call,
    hash,
    details: [['runs', message], ...describeValue(json), ['call hash', bytesToHex(hash)]],
  };
}
