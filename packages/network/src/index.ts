/**
 * Transports between peers: for now the in-memory twin, which one process and all tests use.
 *
 * @module
 */
export {
  createMemoryNetwork,
  type Frame,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from './memory/memory-network.ts';
export type { Passage } from './memory/pipe.ts';
