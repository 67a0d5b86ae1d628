import { SdkError } from '../errors.ts';

/** @param channel in hex */
export function channelFull(channel: string, models: number): SdkError {
  return new SdkError(
    { code: 'CHANNEL_FULL', channel, reason: 'artifacts' },
    `Channel ${channel} has paid for ${models} models, which is all it can. Close it and open another.`,
  );
}

/** @param channel in hex */
export function channelDisputed(channel: string): SdkError {
  return new SdkError(
    { code: 'CHANNEL_DISPUTED', channel },
    `Channel ${channel} is disputed: its payee showed a receipt that cannot be right. Use another provider.`,
  );
}
