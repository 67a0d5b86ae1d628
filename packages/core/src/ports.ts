/** Time as a part. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

/** Randomness as a part. */
export interface Random {
  /** `length` uniformly random bytes. */
  bytes(length: number): Uint8Array;
}

export type LogData = Readonly<Record<string, unknown>>;

/** Structured log: a constant message with the data beside it. Never pass secrets or bytes of strangers. */
export interface Logger {
  error(message: string, data?: LogData): void;
  warn(message: string, data?: LogData): void;
  info(message: string, data?: LogData): void;
  debug(message: string, data?: LogData): void;
  /** A logger named `room:part`. */
  child(name: string): Logger;
}

/** Counters, gauges and histograms. Names end in a unit; labels have few values. */
export interface Metrics {
  count(name: string, by?: number, labels?: Readonly<Record<string, string>>): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  observe(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
}

/** Hashing and signature checks. The pure and the native implementation pass one compliance suite. */
export interface Crypto {
  /** SHA-256 of `data`. Returns 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
  /**
   * SHA-256 of each 64-byte pair. `pairs` has shape [n, 64]; n × 32 bytes are written to `out`,
   * which may not overlap `pairs`.
   */
  hashPairs(pairs: Uint8Array, out: Uint8Array): void;
  /**
   * Cofactorless ed25519: rejects small-order and non-canonical public keys first, wants S < L,
   * compares R byte for byte. Never throws: malformed input is `false`.
   */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /**
   * ECDSA over P-256 with SHA-256 of `message`. `publicKey` is the 33-byte compressed point,
   * `signature` is r ‖ s (64 bytes) with low s. Never throws: malformed input is `false`.
   */
  verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /**
   * Whether `signature` is the pulse of a round of the randomness beacon with this key: BLS12-381 as in drand's
   * scheme `bls-unchained-g1-rfc9380`. Never throws: malformed input is `false`.
   */
  verifyPulse(publicKey: Uint8Array, round: bigint, signature: Uint8Array): boolean;
}

/** The part of `AbortSignal` the rooms use, so that the ground floor needs no DOM types. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
