/** Most lines that are kept. */
const MOST_LINES = 20;
/** Most characters that are kept. */
const MOST_CHARACTERS = 8_192;

/** The end of a text that arrives in pieces, however much there is of it. */
export class LastLines {
  private text = '';

  add(piece: string): void {
    this.text = (this.text + piece).slice(-MOST_CHARACTERS);
  }

  /** The oldest first, without those that are empty. */
  get lines(): string[] {
    return this.text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .slice(-MOST_LINES);
  }
}
