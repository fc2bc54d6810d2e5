import type { OpenedFile } from "./readMeterFile.ts";
import { decodeText, isWorkbook, type SourceFile } from "./source.ts";

/** Opens a file: the cells of a workbook, or its text in whatever encoding. */
export async function openFile(source: SourceFile): Promise<OpenedFile> {
  const { file, bytes } = source;
  if (isWorkbook(source)) {
    const { readWorkbook } = await import("./workbook.ts");
    const book = readWorkbook(bytes);
    return book === null ? { file, unreadable: "it is no workbook that can be read" } : { file, ...book };
  }
  const { text, encoding, because } = decodeText(bytes);
  return { file, text, facts: [{ what: "encoding", says: encoding, because }] };
}
