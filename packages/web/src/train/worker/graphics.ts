/** What a browser lets this page compute with besides the processor. */
export type Graphics =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'adapter';
      /** What the browser tells of it; empty: nothing. */
      readonly name: string;
      /** Whether it is the processor that plays a graphics processor. */
      readonly isSoftware: boolean;
      /** Largest tensor it takes in one piece, in bytes. */
      readonly maxBytes: number;
    };

/** What is used of WebGPU's own types. */
export interface GraphicsAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
}

export interface GraphicsPlace {
  readonly isSecureContext: boolean;
  readonly navigator: {
    readonly gpu?: { requestAdapter(options: object): Promise<GraphicsAdapter | null> };
  };
}

/** Programs that compute what a graphics processor would. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

/** Looks for a graphics processor, and says in plain words why there is none. */
export async function findGraphics({ isSecureContext, navigator }: GraphicsPlace): Promise<Graphics> {
  if (!isSecureContext)
    return none('browsers give WebGPU only to pages that were opened over https or from localhost');
  if (navigator.gpu === undefined) return none('this browser does not have it, or has it turned off');
  const adapter = await navigator.gpu
    .requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null);
  if (adapter === null) return none('this browser found no graphics processor that it may use');
  const { vendor, architecture, description, isFallbackAdapter = false } = adapter.info;
  const name = [vendor, description || architecture].filter((word) => word !== '').join(' ');
  return {
    kind: 'adapter',
    name,
    isSoftware: isFallbackAdapter || SOFTWARE.test(`${name} ${architecture}`),
    maxBytes: Math.min(adapter.limits.maxBufferSize, adapter.limits.maxStorageBufferBindingSize),
  };
}

const none = (reason: string): Graphics => ({ kind: 'none', reason });
