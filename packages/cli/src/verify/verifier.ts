import { join } from 'node:path';
import { bytesToHex, createPureCrypto } from '@cairn/core';
import { createNativeCrypto, localChainIdOf, openTrustStore, systemClock } from '@cairn/node';
import { headerHash } from '@cairn/protocol';
import {
  connectRpcLedger,
  createHttpFetch,
  createRpcLightSource,
  openLightClient,
  type ProvedState,
  readProved,
  type StateSource,
} from '@cairn/sdk';
import type { Cli } from '../cli.ts';
import { connectNode } from '../connect.ts';
import { usage } from '../errors.ts';
import { pause } from '../pause.ts';
import { dataFolderOf } from '../settings.ts';
import type { VerifyFlags } from './define.ts';
import { findTrust, parseTrust, type Trust } from './trust.ts';

/** Most an answer may have: a light block of 512 validators has a fifth of a megabyte. */
const MAX_ANSWER_BYTES = 4_194_304;
const ANSWER_MS = 30_000;

/** Reads values that the votes for a header vouch for. */
export interface Verifier {
  readonly trust: Trust;
  readonly source: string;
  readonly witnesses: readonly string[];
  read(key: string): Promise<ProvedState>;
}

/** @throws CliError `USAGE`; SdkError `LIGHT_…` */
export async function openVerifier(cli: Cli, flags: VerifyFlags): Promise<Verifier> {
  const given = parseTrust(flags);
  const maxAgeMs = parseMinutes(flags.maxAge);
  const periodMs = parseHours(flags.trustingPeriod);
  const data = await dataFolderOf(cli, flags);
  const isOwn = flags.from === undefined;
  const { source, chainId } = isOwn ? await ownSource(cli, flags) : await sourceAt(cli, flags.from);
  const localChainId = await localChainIdOf(join(data, 'genesis.json'));
  const trust = given ?? (await findTrust(source, { data, chainId, isOwn, localChainId }));
  const witnesses = await Promise.all(flags.witness.map((url) => sourceAt(cli, url)));
  const client = await openLightClient(
    {
      crypto: createNativeCrypto(),
      clock: systemClock,
      primary: source,
      witnesses: witnesses.map((witness) => witness.source),
      store: openTrustStore(data, trust.kept),
    },
    {
      trusted: trust,
      ...(periodMs === null ? {} : { trustingPeriodMs: periodMs }),
      ...(localChainId === null ? {} : { localChainId }),
      ...(trust.kept === null
        ? {}
        : { chainId: trust.kept.block.header.chainId, unbondingMs: trust.kept.unbondingMs }),
    },
  );
  return {
    trust,
    source: source.name,
    witnesses: witnesses.map((witness) => witness.source.name),
    read: (key) => readProved({ client, source, clock: systemClock }, key, { maxAgeMs }),
  };
}

interface NamedSource {
  readonly source: StateSource;
  /** Hex, as it says itself. */
  readonly chainId: string;
}

async function ownSource(cli: Cli, flags: VerifyFlags): Promise<NamedSource> {
  const { ledger, address } = await connectNode(cli, flags);
  return { source: createRpcLightSource(ledger, address), chainId: ledger.chainId };
}

async function sourceAt(cli: Cli, given: string): Promise<NamedSource> {
  const url = URL.parse(given.includes('://') ? given : `http://${given}`);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usage(`${given} is not an address such as http://node.example.org:8470.`);
  if (url.pathname === '/') url.pathname = '/rpc';
  const send = createHttpFetch(
    { fetch: globalThis.fetch },
    { url: url.href, timeoutMs: ANSWER_MS, maxBytes: MAX_ANSWER_BYTES },
  );
  const ledger = await connectRpcLedger(send, (ms) => pause(ms, cli.signal));
  return { source: createRpcLightSource(ledger, url.href), chainId: ledger.chainId };
}

function parseMinutes(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text) * 60_000;
  throw usage(`--max-age ${text} is no whole number of minutes.`);
}

function parseHours(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text) * 3_600_000;
  throw usage(`--trusting-period ${text} is no whole number of hours.`);
}

/** Who vouches for a value, and for what: the same for every kind of value. */
export interface Vouching {
  readonly chain: string;
  /** Height of the state. */
  readonly height: bigint;
  readonly header: { readonly height: bigint; readonly hash: string; readonly timeMs: number };
  /** One key that signs alone, or validators of which more than two thirds of the power voted. */
  readonly signedBy: { readonly kind: 'operator' | 'validators'; readonly count: number };
  readonly trusted: { readonly kind: Trust['kind']; readonly height: bigint; readonly hash: string };
  readonly source: string;
  /** Null: it had no header of this height yet. */
  readonly witnesses: readonly { readonly name: string; readonly agrees: true | null }[];
}

export function vouchingOf({ trust, source, witnesses }: Verifier, proved: ProvedState): Vouching {
  const { header, validators } = proved.signed;
  const { seconds, nanos } = header.time;
  return {
    chain: header.chainId,
    height: proved.height,
    header: {
      height: header.height,
      hash: bytesToHex(headerHash(createPureCrypto(), header)),
      timeMs: Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000),
    },
    signedBy: { kind: validators.length === 1 ? 'operator' : 'validators', count: validators.length },
    trusted: { kind: trust.kind, height: trust.height, hash: bytesToHex(trust.hash) },
    source,
    witnesses: witnesses.map((name) => ({
      name,
      agrees: proved.silentWitnesses.includes(name) ? null : true,
    })),
  };
}
