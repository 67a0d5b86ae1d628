import type { ComputeProvider } from './provider-role.ts';
import type { Tenant } from './tenant.ts';

/** Functions as the owner of a node meets them. */
export interface ComputeDesk {
  /** Who deploys and calls for the node. */
  tenant(): Promise<Tenant>;
  /** What runs functions in this node; null where nothing does. */
  provider(): Promise<Pick<ComputeProvider, 'hosted' | 'logs'> | null>;
}
