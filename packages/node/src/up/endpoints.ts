import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadRpc } from '@cairn/chain';
import { createControl } from '@cairn/gateway';
import { createRunReader } from '@cairn/sdk';
import type { ComputeDesk } from '../compute/compute-desk.ts';
import { createFnEndpoint } from '../compute/fn-endpoint.ts';
import type { Settings } from '../config/table.ts';
import { createControlGuard } from '../http/control.ts';
import { type HttpHandler, sendJson, type UpgradeHandler } from '../http/server.ts';
import { createSiteEndpoint, type PageSource } from '../http/site-endpoint.ts';
import type { createMetrics } from '../real/metrics.ts';
import { systemTimer } from '../real/timer.ts';
import type { GatewayRole } from '../roles/gateway-role.ts';
import type { IndexRole } from '../roles/index-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import { createRpcEndpoint } from '../rpc/http-endpoint.ts';
import { indexMethods } from '../rpc/index-methods.ts';
import type { JsonRpc } from '../rpc/json-rpc.ts';
import { createLedgerRpc, ledgerMethods } from '../rpc/ledger-rpc.ts';
import type { RpcMethod } from '../rpc/method.ts';
import { openRpcDocument } from '../rpc/openrpc.ts';
import { createReadEndpoint } from '../rpc/read-endpoint.ts';
import { createWsEndpoint } from '../rpc/ws-endpoint.ts';
import { createBlobEndpoint } from '../training/library/blob-endpoint.ts';
import { createDepositEndpoint, type DepositEndpointParts } from '../training/library/deposit-endpoint.ts';
import type { Library } from '../training/library/library.ts';
import { VERSION } from '../version.ts';

/** What answers on the port of a node. */
export interface EndpointParts {
  readonly parts: Pick<NodeParts, 'ledger' | 'log'>;
  /** Null on a node that asks no providers. */
  readonly gateway: GatewayRole | null;
  /** Absent on a node that deploys nothing. */
  readonly compute?: Pick<ComputeDesk, 'tenant'>;
  /** What training runs have here; absent on a node that takes part in none. */
  readonly library?: Pick<Library, 'getShown'>;
  /** Where browsers that train leave their updates, and its name among peers. @default nowhere */
  readonly deposits?: Pick<DepositEndpointParts, 'library' | 'records' | 'peer'>;
  /** Null when it is off. */
  readonly index: IndexRole | null;
  /** What anybody may ask of consensus. Null when this node decides alone. */
  readonly readRpc: ReadRpc | null;
  /** Pages for browsers. @default none */
  readonly site?: PageSource;
  /** More methods for everybody. @default none */
  readonly publicMethods?: readonly RpcMethod[];
}

export interface Endpoints extends AsyncDisposable {
  /** The public methods. */
  readonly rpc: JsonRpc;
  /** The public methods and these, for the control socket. */
  controlRpc(methods: readonly RpcMethod[]): JsonRpc;
}

/** Puts gateway, JSON-RPC, subscriptions, metrics and the front page on the node's port. */
export function mountEndpoints(
  network: EndpointParts,
  metrics: ReturnType<typeof createMetrics>,
  settings: Settings,
  mount: { http: HttpHandler[]; upgrade: UpgradeHandler[] },
): Endpoints {
  const { ledger, log } = network.parts;
  const control = createControl({ keys: settings.apiKey === '' ? [] : [settings.apiKey] });
  const { refuses, isRefused } = createControlGuard(control);
  const history = network.index === null ? [] : indexMethods(network.index);
  const more = [...history, ...(network.publicMethods ?? [])];
  const rpc = createLedgerRpc({ ledger, log: log.child('rpc') }, more);
  const ws = createWsEndpoint({
    rpc,
    ledger,
    log: log.child('ws'),
    isRefused,
  });
  const { gateway, readRpc } = network;
  if (readRpc !== null) mount.http.push(createReadEndpoint({ rpc: readRpc, refuses }));
  const { compute } = network;
  if (compute !== undefined && gateway !== null) {
    // Functions are paid by the gateway's money, so who may ask it may call them.
    const { control: ofGateway, claim } = gateway.gateway;
    const { admit } = createControlGuard(ofGateway);
    mount.http.push(createFnEndpoint({ tenant: () => compute.tenant(), admit, claim }));
  }
  const { library } = network;
  if (library !== undefined) mount.http.push(createBlobEndpoint({ library, timer: systemTimer, refuses }));
  const { deposits } = network;
  const deposit =
    deposits === undefined
      ? null
      : createDepositEndpoint({
          ...{ ...deposits, ledger: createRunReader(ledger), timer: systemTimer },
          ...{ log: log.child('deposits'), refuses },
        });
  if (deposit !== null) mount.http.push(deposit);
  if (gateway !== null) mount.http.push((request, response) => gateway.gateway.handle(request, response));
  mount.http.push(
    createRpcEndpoint({
      rpc,
      openRpc: openRpcDocument([...ledgerMethods(ledger), ...more], VERSION),
      refuses,
    }),
    ...(network.site === undefined ? [] : [createSiteEndpoint(network.site, refuses, log.child('site'))]),
    metricsEndpoint(network, metrics, refuses),
    frontPage(network, refuses),
  );
  mount.upgrade.push(ws.upgrade);
  return {
    rpc,
    controlRpc: (methods) => createLedgerRpc({ ledger, log: log.child('control') }, [...more, ...methods]),
    async [Symbol.asyncDispose]() {
      deposit?.[Symbol.dispose]();
      await ws.close();
    },
  };
}

type Refuses = (request: IncomingMessage, response: ServerResponse) => boolean;

function metricsEndpoint(
  { parts, gateway }: EndpointParts,
  metrics: ReturnType<typeof createMetrics>,
  refuses: Refuses,
): HttpHandler {
  let toldCpuSeconds = 0;
  return async (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') return false;
    if (refuses(request, response)) return true;
    const { height, waiting, stateKeys } = await parts.ledger.status();
    metrics.gauge('cairn_chain_height_blocks', height);
    metrics.gauge('cairn_mempool_waiting_transactions', waiting);
    metrics.gauge('cairn_state_keys', stateKeys);
    metrics.gauge('cairn_process_resident_bytes', process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    metrics.count('cairn_process_cpu_seconds_total', (user + system) / 1e6 - toldCpuSeconds);
    toldCpuSeconds = (user + system) / 1e6;
    const providers = gateway?.gateway.providers();
    if (providers !== undefined) {
      metrics.gauge('cairn_gateway_known_providers', providers.known);
      metrics.gauge('cairn_gateway_breakers_open_providers', providers.open);
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(metrics.render());
    return true;
  };
}

/** What is here, for a person or program that opens the port without knowing. */
function frontPage(network: EndpointParts, refuses: Refuses): HttpHandler {
  return async (request, response) => {
    if (request.url !== '/' || request.method !== 'GET') return false;
    if (refuses(request, response)) return true;
    const { name, height } = await network.parts.ledger.status();
    sendJson(response, 200, {
      name: 'cairn',
      version: VERSION,
      network: name,
      height,
      endpoints: {
        ...(network.gateway === null
          ? {}
          : { openai: '/v1', mcp: '/mcp', a2a: '/.well-known/agent-card.json' }),
        ...(network.compute === undefined ? {} : { functions: '/fn' }),
        ...(network.library === undefined ? {} : { blobs: '/blob' }),
        ...(network.site === undefined ? {} : { train: '/train' }),
        rpc: '/rpc',
        openRpc: '/openrpc.json',
        subscriptions: '/ws',
        metrics: '/metrics',
      },
    });
    return true;
  };
}
