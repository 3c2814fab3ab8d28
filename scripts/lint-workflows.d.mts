/** A workflow, and how to tell where it is from. */
export interface Workflow {
  readonly path: string;
  /** Where in that file it begins. */
  readonly line: number;
  readonly text: string;
  /** How many lines of `text` are not in the file. */
  readonly before: number;
}

export function shownIn(markdown: string): { readonly text: string; readonly line: number }[];
export function completed(part: string): { readonly text: string; readonly before: number };
export function withLocalAction(text: string): string;
export function isWorkflow(yaml: string): boolean;
export function faultsOf(workflows: readonly Workflow[], program: string): string[];
