import { type Archive, type Codec, openArchive } from "./archive.ts";
import { archiveFile } from "./archiveFields.ts";

/** What is kept of an area's intervals or periods: where it belongs, and what it is said of. */
export type SaidOf<Item> = {
  readonly placeOf: (item: Item) => { readonly areaId: number; readonly id: number };
  /** Unix seconds of an interval or a period. */
  readonly startOf: (place: { readonly areaId: number; readonly id: number }) => number;
  readonly keyOf: (item: Item) => string;
};

/** Records of areas, of which one that comes again replaces what was said under its key. */
export type SaidArchive<Item> = {
  append(items: readonly Item[]): void;
  /** What was said last of each, by first arrival. */
  itemsOf(areaId: number, id: number): readonly Item[];
  all(): Generator<Item, void, undefined>;
  readonly notices: readonly string[];
};

/** Opens such an archive, a file for each area and UTC day; `isReadOnly` as for {@link openArchive}. */
export function openSaidArchive<Item>({
  directory,
  codec,
  placeOf,
  startOf,
  keyOf,
  isReadOnly,
}: SaidOf<Item> & {
  readonly directory: string;
  readonly codec: Codec<Item>;
  readonly isReadOnly: boolean;
}): SaidArchive<Item> {
  const fileAt = (place: { readonly areaId: number; readonly id: number }) =>
    archiveFile(place.areaId, startOf(place));
  const fileOf = (item: Item) => fileAt(placeOf(item));
  const archive: Archive<Item> = openArchive({ directory, codec, fileOf, isReadOnly });
  /** All records under a key are in one file. */
  const newestOf = (items: readonly Item[]) => [
    ...new Map(items.map((item) => [keyOf(item), item])).values(),
  ];
  return {
    append: (items) => archive.append(items),
    itemsOf(areaId, id) {
      const ofPlace = archive.read(fileAt({ areaId, id })).filter((item) => {
        const place = placeOf(item);
        return place.areaId === areaId && place.id === id;
      });
      return newestOf(ofPlace);
    },
    *all() {
      for (const file of archive.files()) yield* newestOf(archive.read(file));
    },
    notices: archive.notices,
  };
}
