/** Arguments and options that several commands take, with their help. */
export const HOTKEY_WORD = [
  '<hotkey>',
  'an address, a role of the node, role:validator-1, or savings/1: the first hotkey of wallet savings',
] as const;
export const NETUID_WORD = ['<netuid>', 'number of the subnet'] as const;
export const ACCOUNT_WORD = ['<account>', 'a name from wallet list, or an address'] as const;
export const SUBNET_REQUIRED = ['--subnet <netuid>', 'number of the subnet'] as const;
export const SUBNET_TOKENS = ['--subnet <netuid>', 'tokens of this subnet instead of CAIRN'] as const;
