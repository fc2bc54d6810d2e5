/** A file as it came. */
export type SourceFile = { readonly file: string; readonly bytes: Uint8Array };

/** A file's text, and how its bytes were read. */
export type DecodedText = { readonly text: string; readonly encoding: string; readonly because: string };

/** Bytes that are looked at to tell UTF-16 without a mark. */
const SAMPLE_BYTES = 512;

/** More zeros than this among the odd or even bytes of the sample are the high bytes of Latin letters in UTF-16. */
const ZERO_SHARE = 0.4;

/**
 * Reads the text of a file: by its byte-order mark; without one UTF-16 where every other byte is zero; UTF-8 where it is
 * that; else Windows-1252, which Excel writes in western Europe.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return decode(bytes, "utf-16le", "its byte-order mark");
  if (first === 0xfe && second === 0xff) return decode(bytes, "utf-16be", "its byte-order mark");
  if (first === 0xef && second === 0xbb && third === 0xbf)
    return decode(bytes, "utf-8", "its byte-order mark");
  const wide = utf16WithoutMark(bytes);
  if (wide !== null) return decode(bytes, wide, "every other byte is zero");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, encoding: "UTF-8", because: "its bytes are that" };
  } catch {
    return decode(bytes, "windows-1252", "its bytes are no UTF-8");
  }
}

function decode(bytes: Uint8Array, encoding: string, because: string): DecodedText {
  const text = new TextDecoder(encoding).decode(bytes);
  return { text, encoding: encoding === "windows-1252" ? "Windows-1252" : encoding.toUpperCase(), because };
}

function utf16WithoutMark(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const zeros = [0, 0];
  sample.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] as number) + 1;
  });
  const [even, odd] = zeros.map((count) => count / Math.max(1, sample.length / 2)) as [number, number];
  if (odd > ZERO_SHARE && even < odd / 2) return "utf-16le";
  return even > ZERO_SHARE && odd < even / 2 ? "utf-16be" : null;
}

/** Whether a file is a workbook: a ZIP archive, or Excel's older container. */
export function isWorkbook({ file, bytes }: SourceFile): boolean {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const isCompound = bytes[0] === 0xd0 && bytes[1] === 0xcf;
  return (isZip || isCompound) && !/\.zip$/i.test(file);
}

/** The name of a file without folder and ending. */
export function stemOf(file: string): string {
  const base = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  const dot = base.lastIndexOf(".");
  return dot > 0 ? base.slice(0, dot) : base;
}
