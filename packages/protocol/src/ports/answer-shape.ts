/** A call of a tool that an assistant made. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** A JSON object as text. Never empty: no arguments are `{}`. */
  readonly arguments: string;
}

/** A function the model may ask its caller to call. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments, as text. */
  readonly parameters: string;
}

/** How an answer must look. */
export interface AnswerFormat {
  /** `json`: any JSON object. `schema`: what the schema says. */
  readonly type: 'text' | 'json' | 'schema';
  /** JSON Schema as text; null unless `type` says so. */
  readonly schema: string | null;
}

/** What a chat answer is made of, beyond plain text. */
export interface AnswerShape {
  readonly tools: readonly ToolSpec[];
  /** Whether a tool must be called, may be, or must not. */
  readonly choice: 'auto' | 'none' | 'required';
  /** The one tool to call; null: any. */
  readonly only: string | null;
  /** Whether several tools may be called at once. */
  readonly parallel: boolean;
  readonly format: AnswerFormat;
}
