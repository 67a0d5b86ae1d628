/**
 * The terminal: a program, not a library. Its entry is `main.ts`, which the launcher runs.
 *
 * @module
 */
export {};
