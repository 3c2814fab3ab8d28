/** A terminal, as far as a line that is redrawn in place needs it. */
export interface Screen {
  readonly write: (text: string) => void;
  readonly columns: () => number;
}

const CLEAR = '\r\u001b[K';

/** One line at the bottom of a terminal that is redrawn in place. */
export class LiveLine {
  readonly #screen: Screen;
  #shown = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** `text` must be sanitised. What does not fit the terminal's width is cut off. */
  show(text: string): void {
    this.#screen.write(`${CLEAR}${fitTo(text, this.#screen.columns() - 1)}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#screen.write(CLEAR);
    this.#shown = false;
  }
}

/** As much of `text` as fits into `columns`, with an ellipsis if that is not all of it. */
export function fitTo(text: string, columns: number): string {
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  const widths = characters.map(widthOf);
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total <= columns) return text;
  let used = 1;
  const end = widths.findIndex((width) => {
    used += width;
    return used > columns;
  });
  return columns < 1 ? '' : `${characters.slice(0, end).join('')}…`;
}

// East Asian and emoji characters take two columns. From U+1100 on all are counted so: a line that turns out too short
// does no harm, one that wraps can't be redrawn.
function widthOf(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  const narrow = codePoint < 0x1100 || (codePoint >= 0x2000 && codePoint < 0x2600);
  return narrow ? 1 : 2;
}
