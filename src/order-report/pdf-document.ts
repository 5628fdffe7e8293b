import { deflateSync } from 'node:zlib';

const CATALOG = 1;
const PAGES = 2;
const FONT = 3;

/** A4, in points. */
const PAGE = '[0 0 595 842]';
const LEFT = 40;
const TOP = 800;
const FONT_SIZE = 8;
const LINE_HEIGHT = 12;

/**
 * Writes a PDF of pages of text, so that each page can be sent as soon as it is laid out. The font is one that all readers have, and
 * knows the characters of Latin 1.
 */
export class PdfDocument {
  /** Where each object begins, by its number. */
  private readonly offsets: number[] = [];
  private readonly pages: number[] = [];
  private length = 0;

  begin(): Buffer {
    return Buffer.concat([
      this.written('%PDF-1.4\n'),
      this.object(FONT, '<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>'),
    ]);
  }

  page(lines: readonly string[]): Buffer {
    const content = FONT + 1 + 2 * this.pages.length;
    const page = content + 1;
    this.pages.push(page);
    const shown = lines.map((line) => `(${escaped(line)})'`).join('\n');
    const text = `BT /F ${FONT_SIZE} Tf ${LINE_HEIGHT} TL ${LEFT} ${TOP} Td\n${shown}\nET`;
    const stream = deflateSync(Buffer.from(text, 'latin1'), { level: 9 });
    const resources = `/Resources<</Font<</F ${FONT} 0 R>>>>`;
    return Buffer.concat([
      this.object(content, `<</Length ${stream.length}/Filter/FlateDecode>>`, stream),
      this.object(
        page,
        `<</Type/Page/Parent ${PAGES} 0 R/MediaBox${PAGE}/Contents ${content} 0 R${resources}>>`,
      ),
    ]);
  }

  end(): Buffer {
    const kids = this.pages.map((page) => `${page} 0 R`).join(' ');
    const last = [
      this.object(PAGES, `<</Type/Pages/Count ${this.pages.length}/Kids[${kids}]>>`),
      this.object(CATALOG, `<</Type/Catalog/Pages ${PAGES} 0 R>>`),
    ];
    const [, ...offsets] = this.offsets;
    const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
    const size = this.offsets.length;
    const trailer = `trailer<</Size ${size}/Root ${CATALOG} 0 R>>\nstartxref\n${this.length}\n%%EOF\n`;
    return Buffer.concat([...last, this.written(`xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}`)]);
  }

  private object(number: number, dictionary: string, stream?: Buffer): Buffer {
    this.offsets[number] = this.length;
    const body = stream === undefined ? [] : ['\nstream\n', stream, '\nendstream'];
    return Buffer.concat(
      [`${number} 0 obj\n`, dictionary, ...body, '\nendobj\n'].map((piece) => this.written(piece)),
    );
  }

  private written(piece: string | Buffer): Buffer {
    const bytes = Buffer.from(piece as string, 'latin1');
    this.length += bytes.length;
    return bytes;
  }
}

/** As a PDF has text: what would end it is escaped, and of what the font lacks there is a question mark. */
function escaped(text: string): string {
  return text.replaceAll(/[^\u0020-\u007E\u00A0-\u00FF]/gu, '?').replaceAll(/[\\()]/g, String.raw`\$&`);
}
