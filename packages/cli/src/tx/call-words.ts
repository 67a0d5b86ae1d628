/** What a command takes that has the ledger run a message inside another. */
export const CALL_WORD = ['<message>', 'the message to run, such as accounts.transfer'] as const;
export const CALL_VALUE = ['--value <json>', 'its fields; @path reads a file, - what is piped in'] as const;
