import { u8, withDefault } from '@cairn/core';

/** Number of a mechanism of a subnet; the first where JSON names none. */
export const mechanismIndex = withDefault(u8, 0);
