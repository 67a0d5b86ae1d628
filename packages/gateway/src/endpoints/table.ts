import { accountEndpoints } from '../account/account-endpoints.ts';
import { a2aEndpoints } from '../agents/a2a.ts';
import { mcpEndpoints } from '../agents/mcp.ts';
import { x402Endpoints } from '../agents/x402/endpoints.ts';
import { GatewayError } from '../errors.ts';
import { decodePath } from '../http/read-body.ts';
import { audioEndpoints } from './audio.ts';
import { batchEndpoints } from './batches.ts';
import { embeddingEndpoints } from './embeddings.ts';
import type { Endpoint } from './endpoint.ts';
import { fileEndpoints } from './files.ts';
import { messageEndpoints } from './messages.ts';
import { modelEndpoints } from './models.ts';
import { responseEndpoints } from './responses.ts';
import { textEndpoints } from './text.ts';
import { workEndpoints } from './work.ts';

/** Every endpoint under `/v1`. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...modelEndpoints,
  ...textEndpoints,
  ...responseEndpoints,
  ...messageEndpoints,
  ...embeddingEndpoints,
  ...workEndpoints,
  ...audioEndpoints,
  ...fileEndpoints,
  ...batchEndpoints,
  ...accountEndpoints,
];

/** What agents speak beside it. */
const AGENT_ENDPOINTS: readonly Endpoint[] = [...mcpEndpoints, ...a2aEndpoints, ...x402Endpoints];
const ALL: readonly Endpoint[] = [...ENDPOINTS, ...AGENT_ENDPOINTS];
/** Those that stand for one path, by it. */
const BY_PATH = Map.groupBy(
  ALL.filter(({ path }) => !path.endsWith('/')),
  ({ path }) => path,
);
const FOLDERS = ALL.filter(({ path }) => path.endsWith('/'));

/** Whether a path is the gateway's to answer, if only by saying that there is nothing. */
export function isGatewayPath(path: string): boolean {
  return (
    path === '/v1' || path.startsWith('/v1/') || AGENT_ENDPOINTS.some((endpoint) => endpoint.path === path)
  );
}

interface Found {
  readonly endpoint: Endpoint | null;
  /** What follows the endpoint's path, decoded. */
  readonly rest: string;
  /** Why there is none. */
  readonly problem: GatewayError | null;
}

/** The endpoint of a method and a path. */
export function findEndpoint(method: string, path: string): Found {
  const here =
    BY_PATH.get(path) ??
    FOLDERS.filter((folder) => path.startsWith(folder.path) && path.length > folder.path.length);
  const endpoint = here.find((one) => one.method === method) ?? null;
  if (endpoint !== null)
    return { endpoint, rest: decodePath(path.slice(endpoint.path.length)), problem: null };
  const shown = path.slice(0, 200);
  if (here.length === 0) {
    const problem = new GatewayError({ code: 'unknown_url' }, `There is no ${method} ${shown} here.`);
    return { endpoint, rest: '', problem };
  }
  const allow = here.map((one) => one.method).join(', ');
  const message = `${shown} takes ${allow}, not ${method}.`;
  return { endpoint, rest: '', problem: new GatewayError({ code: 'method_not_allowed', allow }, message) };
}
