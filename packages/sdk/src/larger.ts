/** The larger of two amounts. */
export const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
