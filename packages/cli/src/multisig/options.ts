/** `--members` and `--threshold`, which make a multisig account. */
export const MULTISIG_OPTIONS = [
  ['--members <list>', 'names or addresses of all members, with commas between'],
  ['--threshold <count>', 'how many of them a call needs'],
] as const;

export interface MultisigFlags {
  readonly members: string;
  readonly threshold: string;
}
