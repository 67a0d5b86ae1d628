import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesToHex } from '@cairn/core';
import { type AgentPorts, createGateway, type GatewayOptions, type RegisteredModel } from '@cairn/gateway';
import type { ModelCard, Offer } from '@cairn/ledger';
import type { PrivacyLevel, RecordStore } from '@cairn/protocol';
import { createRelayedTransport, type InferRequest, infer } from '@cairn/sdk';
import type { GatewayWatch } from '../../src/telemetry/watch-gateway.ts';
import { aRecordStore, artifact, aSigner, aTown, chainId, crypto, model, type TownOptions } from './parts.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** False when the server cut the connection. */
  readonly isComplete: boolean;
}

export interface HttpOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sees each piece as it arrives; true hangs up. */
  readonly onText?: (text: string) => boolean;
}

function aCard(): ModelCard {
  return {
    name: 'cairn/echo',
    version: '1',
    owner: new Uint8Array(32).fill(1),
    kind: 'chat',
    description: 'Says it again.',
    artifacts: [
      {
        path: 'echo.gguf',
        format: 'gguf',
        quantisation: 'F16',
        sizeBytes: 1n,
        sha256: artifact,
        merkleRoot: new Uint8Array(32),
      },
    ],
    parameters: 1n,
    contextTokens: 4096,
    licence: 'Apache-2.0',
    parents: [],
    capabilities: [],
    royaltyBps: 0,
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
  };
}

/** Everything a gateway can be asked for, from one scripted provider. */
export const WHOLE_SURFACE: TownOptions = {
  echo: { surface: true },
  terms: {
    capabilities: [
      ...[
        'tokenIds',
        'tools',
        'json',
        'embed',
        'rank',
        'image',
        'speech',
        'transcribe',
        'translate',
        'moderate',
      ],
      'batch-discount-50',
    ],
  },
};

/** A town with a gateway on a free port. */
export async function anHttpTown(
  options: TownOptions & {
    gateway?: GatewayOptions;
    offers?: () => Offer[];
    /** Files and batches of an earlier gateway. */
    storage?: RecordStore;
    card?: Partial<ModelCard>;
    agent?: AgentPorts;
    /** Sells to callers without a key, and keeps what they promised here. */
    x402?: RecordStore;
    records?: RecordStore;
    /** Answers for used keys are kept in the records. */
    keptKey?: Uint8Array;
    /** The relay that requests go through. */
    relay?: string;
    /** Counts and traces what the gateway does. */
    watch?: GatewayWatch;
    /** Who could read what its provider is asked. */
    privacy?: PrivacyLevel;
  } = {},
) {
  const town = await aTown(options);
  const card = { ...aCard(), ...options.card };
  const registered: RegisteredModel = { id: bytesToHex(model), card, publishedHeight: 1 };
  const hub = aSigner('hub');
  const storage = options.storage ?? aRecordStore();
  const extra: Offer[] = [];
  const catalogue = {
    models: async () => [registered],
    offers: async () => [town.miner.offer, ...extra],
  };
  const random = town.inferParts().random;
  const transport =
    options.relay === undefined
      ? town.payerTransport
      : createRelayedTransport(town.payerTransport, options.relay, town.timer);
  const ask = (request: InferRequest) => infer({ ...town.inferParts(), transport }, request);
  const made = createGateway(
    {
      clock: town.clock,
      random,
      log: town.log,
      catalogue,
      infer: options.watch?.infer(ask) ?? ask,
      receipt: (id) => town.payer.receipt(id),
      storage: { records: storage, timer: town.timer },
      timer: town.timer,
      ...(options.x402 === undefined
        ? {}
        : {
            x402: {
              crypto,
              chainId,
              payTo: hub.account,
              netuid: 1,
              ledger: town.ledger.of(hub.account),
              records: options.x402,
            },
          }),
      ...(options.agent === undefined ? {} : { agent: options.agent }),
      ...(options.privacy === undefined ? {} : { privacy: async () => options.privacy ?? 'L0' }),
      ...(options.records === undefined ? {} : { records: options.records }),
      ...(options.keptKey === undefined ? {} : { keptKey: options.keptKey }),
    },
    options.gateway ?? {},
  );
  const gateway = options.watch?.gateway(made) ?? made;
  const server = createServer(async (request, response) => {
    if (!(await gateway.handle(request, response))) response.writeHead(404).end('elsewhere');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  function fetchText(
    path: string,
    { method = 'GET', headers = {}, body, onText }: HttpOptions = {},
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        { host: '127.0.0.1', port, path, method, headers, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => {
            text += piece;
            if (onText?.(text)) sent.destroy();
          });
          response.on('error', () => undefined);
          response.on('close', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              isComplete: response.complete,
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const post = (
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
    onText?: HttpOptions['onText'],
  ) =>
    fetchText(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(onText === undefined ? {} : { onText }),
    });

  return {
    ...town,
    gateway,
    hub,
    storage,
    extra,
    port,
    get: (path: string, headers = {}) => fetchText(path, { headers }),
    fetchText,
    post,
    chat: (
      content: string,
      fields: object = {},
      headers: Readonly<Record<string, string>> = {},
      onText?: HttpOptions['onText'],
    ) =>
      post(
        '/v1/chat/completions',
        { model: 'cairn/echo', messages: [{ role: 'user', content }], ...fields },
        headers,
        onText,
      ),
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await town.miner.miner[Symbol.asyncDispose]();
    },
  };
}

/** Data of the events of a stream, and its comments. */
export function readEvents(text: string) {
  const lines = text.split('\n').filter((line) => line !== '');
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
  return {
    comments: lines.filter((line) => line.startsWith(':')),
    isDone: data.at(-1) === '[DONE]',
    chunks: data.filter((item) => item !== '[DONE]').map((item) => JSON.parse(item)),
  };
}
