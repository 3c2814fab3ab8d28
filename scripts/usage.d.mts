interface Described {
  readonly description?: string;
}

/** The part of action.yml that the README shows. */
export interface Action {
  readonly inputs?: Readonly<
    Record<string, Described & { readonly required?: boolean; readonly default?: string }>
  >;
  readonly outputs?: Readonly<Record<string, Described>>;
}

export function render(readme: string, actionYml: string, options: { readonly uses: string }): string;
export function usage(action: Action, uses: string): string;
export function inputsTable(action: Action): string;
export function outputsTable(action: Action): string;
export function fill(text: string, name: string, content: string): string;
export function usesOf(manifest: {
  readonly repository: { readonly url: string };
  readonly version: string;
}): string;
