export const RUN_WORD = [
  '<run>',
  'its id from train list, or the first digits of it that no other run has',
] as const;
