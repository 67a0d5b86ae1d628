/** SHA-256 of the root certificates that hardware has to lead back to, in hex, by who makes it. */
export interface VendorRoots {
  readonly tdx: readonly string[];
  readonly sevSnp: readonly string[];
}

/**
 * Roots of Intel and AMD as their libraries carry them (github.com/google/go-tdx-guest 0.3.1 and go-sev-guest 0.15.0,
 * the roots of Intel's provisioning service and of AMD's key server). Whoever makes other hardware hands in its own.
 */
export const VENDOR_ROOTS: VendorRoots = {
  // Intel SGX Root CA, valid until 2049.
  tdx: ['44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3'],
  // ARK-Milan, ARK-Genoa, ARK-Turin.
  sevSnp: [
    '69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd',
    '4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1',
    '1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a',
  ],
};
