const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const above = (value: bigint, other: bigint): bigint => (value > other ? value - other : 0n);

/**
 * Powers one step nearer to their targets. What is given and what is taken are each at most a share of the total
 * in force, so that a light client that trusts the set of before still knows most of the next. The total never
 * reaches zero while a target is above it.
 *
 * @param powers in force. @param targets one for each, in the same unit.
 * @param mostBps share of the total that may move, in basis points; at least one unit moves.
 */
export function movePowers(powers: readonly bigint[], targets: readonly bigint[], mostBps: bigint): bigint[] {
  const total = sum(powers);
  // A chain whose genesis names no validator takes its first set whole.
  if (total === 0n) return [...targets];
  const share = (total * mostBps) / 10_000n;
  const most = share > 0n ? share : 1n;
  const gains = limitMoves(
    targets.map((target, index) => above(target, powers[index]!)),
    most,
  );
  const losses = limitMoves(
    targets.map((target, index) => above(powers[index]!, target)),
    most,
  );
  return powers.map((power, index) => power + gains[index]! - losses[index]!);
}

/** Moves in proportion to those wanted that add up to `most` exactly. Which unit goes to whom follows the order. */
function limitMoves(wanted: readonly bigint[], most: bigint): readonly bigint[] {
  const whole = sum(wanted);
  if (whole <= most) return wanted;
  let seen = 0n;
  let given = 0n;
  return wanted.map((move) => {
    seen += move;
    const upToHere = (most * seen) / whole;
    const part = upToHere - given;
    given = upToHere;
    return part;
  });
}
