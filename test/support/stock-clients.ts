import { registerHooks } from 'node:module';

/**
 * Tests run with the condition `source`, which some packages use for files of their own that Node does not run from
 * `node_modules`. What a package imports is resolved as its users have it.
 */
registerHooks({
  resolve(specifier, context, next) {
    const isOfPackage = context.parentURL?.includes('/node_modules/') === true;
    const conditions = context.conditions.filter((condition) => condition !== 'source');
    return next(specifier, isOfPackage ? { ...context, conditions } : context);
  },
});

export const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
export const { ClientFactory } = await import('@a2a-js/sdk/client');
