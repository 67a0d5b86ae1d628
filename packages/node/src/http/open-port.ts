import type { Settings } from '../config/table.ts';
import type { NodeParts } from '../roles/parts.ts';
import { type HttpHandler, type HttpServer, startHttpServer, type UpgradeHandler } from './server.ts';

/** The port of a node, taken before anything else happens. Requests wait for the handlers that are added. */
export interface OpenPort {
  readonly server: HttpServer;
  readonly http: HttpHandler[];
  readonly upgrade: UpgradeHandler[];
}

/** @throws NodeError `PORT_TAKEN`, `START_FAILED` */
export async function openPort(
  { host, port }: Pick<Settings, 'host' | 'port'>,
  log: NodeParts['log'],
): Promise<OpenPort> {
  const http: HttpHandler[] = [];
  const upgrade: UpgradeHandler[] = [];
  const server = await startHttpServer(
    { http, upgrade: (...request) => upgrade.some((handler) => handler(...request)) },
    { host, port, log: log.child('http') },
  );
  return { server, http, upgrade };
}
