/** The light client as a web page has it: asks each node it is told to, and tells what it came to. */
import './buffer-in-browsers.ts';
import { createPureCrypto, hexToBytes } from '@cairn/core';
import {
  accountFromState,
  connectRpcLedger,
  createHttpFetch,
  createRpcLightSource,
  openLightClient,
  readProved,
} from '@cairn/sdk';

/** What the page is opened with. */
export interface Asked {
  readonly nodes: readonly { readonly url: string; readonly height: number; readonly hash: string }[];
  readonly key: string;
}

/** What it came to with each node: a balance, or why it believed nothing. */
export type Found =
  | { readonly spendable: string; readonly height: string }
  | { readonly refused: string; readonly message: string };

const { location } = globalThis as unknown as { readonly location: { readonly href: string } };
const parameters = new URL(location.href).searchParams;
const { nodes, key } = JSON.parse(parameters.get('asked')!) as Asked;

async function readBalance({ url, height, hash }: Asked['nodes'][number]): Promise<Found> {
  const ledger = await connectRpcLedger(createHttpFetch({ fetch }, { url }), async () => undefined);
  const source = createRpcLightSource(ledger, url);
  const clock = { nowMs: () => Date.now() };
  const client = await openLightClient(
    { crypto: createPureCrypto(), clock, primary: source },
    { trusted: { height: BigInt(height), hash: hexToBytes(hash) } },
  );
  const proved = await readProved({ client, source, clock }, key);
  const { spendable } = accountFromState(proved.value!);
  return { spendable: String(spendable), height: String(proved.height) };
}

const found: Found[] = [];
for (const node of nodes) {
  found.push(
    await readBalance(node).catch((error: Error & { code?: string }) => ({
      refused: error.code ?? 'UNEXPECTED',
      message: error.message,
    })),
  );
}
const body = JSON.stringify({ agent: navigator.userAgent, found });
await fetch(parameters.get('tell')!, { method: 'POST', body });
