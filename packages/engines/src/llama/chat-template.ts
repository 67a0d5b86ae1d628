import type { ChatMessage } from '@cairn/protocol';
import {
  type ChatHistoryItem,
  type ChatWrapper,
  JinjaTemplateChatWrapper,
  type LlamaModel,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp';
import { EngineError } from '../errors.ts';

export interface ChatTemplate {
  /** Token ids of a conversation, ready for the assistant's turn. */
  render(messages: readonly ChatMessage[]): Token[];
}

/**
 * The chat template that the model file carries; for a file without one, the library's best guess.
 * Contents of messages are tokenized as plain text, so they cannot forge a turn of the conversation.
 */
export function createChatTemplate(model: LlamaModel): ChatTemplate {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  const wrapper: ChatWrapper =
    source === undefined
      ? resolveChatWrapper(model)
      : new JinjaTemplateChatWrapper({ template: source, tokenizer: model.tokenizer });
  // A template that never names the role ignores such messages wherever it is rendered. One that refuses
  // them gets them as user messages from the wrapper.
  const dropsSystem = source !== undefined && !source.includes('system');
  return {
    render(messages) {
      const history = messages
        .filter((message) => !(dropsSystem && message.role === 'system'))
        .map(toHistoryItem);
      if (history.length === 0) {
        throw new EngineError(
          { code: 'REQUEST_MALFORMED', field: 'messages', reason: 'must hold a message this model can read' },
          'There is no message this model can read. Send at least one user message.',
        );
      }
      const { contextText } = wrapper.generateContextState({
        chatHistory: [...history, { type: 'model', response: [] }],
      });
      return contextText.tokenize(model.tokenizer);
    },
  };
}

function toHistoryItem(message: ChatMessage): ChatHistoryItem {
  if (message.role === 'system') return { type: 'system', text: message.content };
  if (message.role === 'assistant') return { type: 'model', response: [message.content] };
  return { type: 'user', text: message.content };
}
