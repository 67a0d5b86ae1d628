import type { RpcMethod } from './method.ts';

/** OpenRPC 1.3 document of the methods, so that clients and references can be generated. */
export function openRpcDocument(methods: Iterable<RpcMethod>, version: string): unknown {
  return {
    openrpc: '1.3.2',
    info: { title: 'Cairn node', version, license: { name: 'Apache-2.0' } },
    methods: [...methods]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, help, params, result }) => ({
        name,
        summary: help,
        paramStructure: 'by-name',
        params: describeParams(params),
        result: { name: 'result', schema: result },
      })),
  };
}

function describeParams(schema: RpcMethod['params']): unknown[] {
  const properties = (schema.properties ?? {}) as Record<string, unknown>;
  const required = (schema.required ?? []) as readonly string[];
  const described = Object.entries(properties).map(([name, property]) => ({
    name,
    required: required.includes(name),
    schema: property,
  }));
  // The standard wants required parameters first.
  return described.sort((a, b) => Number(b.required) - Number(a.required));
}
