import type { ListedModel } from '../route/catalogue.ts';
import { worksOf } from '../route/works.ts';

const MOST_SKILLS = 50;
const TEXT = ['text/plain'];

/** What other agents read of a gateway: it is one agent, and each model for text a skill of it. */
export function agentCard(host: string, models: readonly ListedModel[]): object {
  const url = `http://${host.slice(0, 200)}/a2a`;
  const skills = models
    .filter((listed) => listed.name === listed.model.card.name && worksOf(listed).includes('text'))
    .slice(0, MOST_SKILLS)
    .map(({ name, model: { card } }) => ({
      id: name,
      name,
      description: card.description,
      tags: ['model', card.kind, ...card.capabilities.slice(0, 16)],
      examples: [],
    }));
  return {
    name: 'Cairn gateway',
    description:
      'Asks models of an open market and pays their providers. Name the model in the metadata of a message: {"model": "owner/name"}.',
    version: '1.0.0',
    supportedInterfaces: [
      { url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url, protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
    ],
    capabilities: { streaming: false, pushNotifications: false, extendedAgentCard: false },
    defaultInputModes: TEXT,
    defaultOutputModes: TEXT,
    securitySchemes: {
      key: {
        httpAuthSecurityScheme: {
          scheme: 'Bearer',
          description: 'A key of this gateway. Programs on its machine need none.',
        },
      },
    },
    skills,
  };
}
