/** Where a command reads and writes: the real terminal, or a recording one in tests. */
export interface Terminal {
  readonly out: Screen;
  readonly err: Screen;
  /** Whether a person sits at the input. */
  readonly canAsk: boolean;
  /**
   * Asks for one line; with `hidden`, what is typed does not show. Undefined at the end of input.
   *
   * @throws CliError `INTERRUPTED` when the person pressed Ctrl-C
   */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string | undefined>;
  /** Everything that is piped in, as text of at most `limitBytes`. */
  readAll(limitBytes: number): Promise<string>;
}

export interface Screen {
  write(text: string): void;
  /** Columns of the terminal; infinite where there is none, so that pipes lose nothing. */
  readonly columns: number;
  readonly rows: number;
  /** Whether colour and motion are welcome. */
  readonly isLive: boolean;
}
