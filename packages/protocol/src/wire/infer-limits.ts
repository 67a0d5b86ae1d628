/** Largest request body, in bytes. */
export const MAX_INFER_BODY_BYTES = 2 * 1024 * 1024;
