import { XMLParser } from "fast-xml-parser";
import { FileRefusedError } from "../question.ts";

/** An element of an XML file: its text, its children by name, without prefixes. */
export type Element = string | { readonly [name: string]: Element | readonly Element[] };

/** @throws FileRefusedError when the text is no XML */
export function parseXml(text: string): Element {
  try {
    const parser = new XMLParser({
      removeNSPrefix: true,
      ignoreAttributes: false,
      attributeNamePrefix: "@",
      parseTagValue: false,
    });
    return parser.parse(text) as Element;
  } catch {
    throw new FileRefusedError("it is no XML that can be read");
  }
}

/** Children of a name; one or many are alike. */
export function childrenOf(element: Element | undefined, name: string): readonly Element[] {
  if (element === undefined || typeof element === "string") return [];
  const found = element[name];
  return found === undefined ? [] : isList(found) ? found : [found];
}

function isList(found: Element | readonly Element[]): found is readonly Element[] {
  return Array.isArray(found);
}

/** The first child at the end of a path. */
export function child(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  return path.reduce<Element | undefined>((at, name) => childrenOf(at, name)[0], element);
}

/** The text at the end of a path; empty where there is none. */
export function textAt(element: Element | undefined, ...path: readonly string[]): string {
  const found = child(element, ...path);
  if (found === undefined) return "";
  return typeof found === "string" ? found.trim() : textAt(found, "#text");
}
