import { bytes32, struct, type ValueOf } from '@cairn/core';

/** Names a channel: the whole of starting to close it and of finalising it. */
export const closeChannelShape = struct('CloseChannel', { channel: bytes32 });
export type CloseChannel = ValueOf<typeof closeChannelShape>;
