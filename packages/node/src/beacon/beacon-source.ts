/** Where pulses of a randomness beacon come from. What it gives is checked before it is used. */
export interface BeaconSource {
  /**
   * The signature of a round; null when it is not out yet, or cannot be had now.
   *
   * @param signal ends the asking
   */
  pulse(round: bigint, signal: AbortSignal): Promise<Uint8Array | null>;
}
