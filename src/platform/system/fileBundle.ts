import { createHash, type Hash } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { extract, type Header, pack } from "tar-stream";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";

/** A file that is put into a bundle as long as it was when it was opened: what others append meanwhile stays out. */
export type OpenedFile = { readonly name: string; readonly handle: FileHandle; readonly bytes: number };

const FILE = z.strictObject({
  name: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const LIST = z.strictObject({ format: z.literal(1), about: z.unknown(), files: z.array(FILE) });

/** A file of a bundle, with its length and checksum. */
export type BundledFile = Readonly<z.infer<typeof FILE>>;

/** What a bundle holds; `about` is what its maker said of it. */
export type Bundle = { readonly about: unknown; readonly files: readonly BundledFile[] };

const LIST_FILE = "bundle.json";

/** Opens a file as long as it is now; the caller closes it. */
export async function openForBundle(directory: string, name: string): Promise<OpenedFile> {
  const handle = await open(join(directory, name), "r");
  const { size } = await handle.stat();
  return { name, handle, bytes: size };
}

/**
 * Writes files into one compressed tar file, `to`, with a list of their checksums at its end. It has its name once it is whole and on
 * the disk; until then, or after a failure, nothing is there.
 */
export async function packBundle(
  files: readonly OpenedFile[],
  { to, about }: { readonly to: string; readonly about: unknown },
): Promise<Bundle> {
  const aside = `${to}.part`;
  const archive = pack();
  const written = pipeline(archive, createGzip(), createWriteStream(aside, { flush: true }));
  try {
    const [listed] = await Promise.all([addAll(archive, files, about), written]);
    renameSync(aside, to);
    return { about, files: listed };
  } catch (error) {
    archive.destroy();
    await written.catch(() => undefined);
    rmSync(aside, { force: true });
    throw error;
  }
}

type Pack = ReturnType<typeof pack>;

async function addAll(archive: Pack, files: readonly OpenedFile[], about: unknown): Promise<BundledFile[]> {
  const listed: BundledFile[] = [];
  for (const { name, handle, bytes } of files) {
    const hash = createHash("sha256");
    const entry = archive.entry({ name, size: bytes });
    if (bytes === 0) entry.end(Buffer.alloc(0));
    else {
      const content = handle.createReadStream({ start: 0, end: bytes - 1, autoClose: false });
      await pipeline(content, hashing(hash), entry);
    }
    listed.push({ name, bytes, sha256: hash.digest("hex") });
  }
  const list = Buffer.from(`${JSON.stringify({ format: 1, about, files: listed }, null, 2)}\n`);
  archive.entry({ name: LIST_FILE }, list);
  archive.finalize();
  return listed;
}

/**
 * Unpacks a bundle into an empty directory, on the disk when this is done.
 *
 * @throws BundleDamagedError when it is no bundle, ends too early, or a file is not as its list says
 */
export async function unpackBundle(from: string, into: string): Promise<Bundle> {
  const archive = extract();
  const found = new Map<string, Omit<BundledFile, "name">>();
  let list: string | null = null;
  const reading = pipeline(createReadStream(from), createGunzip(), archive);
  // What fails there fails the loop too, or is awaited after it.
  reading.catch(() => undefined);
  try {
    for await (const entry of archive) {
      const { name } = requireFile(from, entry.header);
      if (name === LIST_FILE) list = await textOf(entry);
      else found.set(name, await writeEntry(entry, join(into, name)));
    }
    await reading;
  } catch (cause) {
    if (cause instanceof DomainError || isOfDisk(cause)) throw cause;
    throw new BundleDamagedError(from, "it is no whole backup", { cause });
  }
  if (list === null) throw new BundleDamagedError(from, "its list of files is missing");
  return requireAsListed(from, { list, found });
}

function requireFile(from: string, { name, type }: Header): { readonly name: string } {
  const isInside = !isAbsolute(name) && !normalize(name).split(sep).includes("..");
  if (type === "file" && isInside) return { name };
  throw new BundleDamagedError(from, `${name} is no file of a backup`);
}

async function textOf(entry: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of entry) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

async function writeEntry(entry: AsyncIterable<unknown>, path: string): Promise<Omit<BundledFile, "name">> {
  mkdirSync(dirname(path), { recursive: true });
  const hash = createHash("sha256");
  let bytes = 0;
  const counting = hashing(hash, (length) => {
    bytes += length;
  });
  await pipeline(Readable.from(entry), counting, createWriteStream(path, { flush: true }));
  return { bytes, sha256: hash.digest("hex") };
}

function requireAsListed(
  from: string,
  { list, found }: { list: string; found: ReadonlyMap<string, Omit<BundledFile, "name">> },
): Bundle {
  const parsed = LIST.safeParse(parseJson(list));
  if (!parsed.success) throw new BundleDamagedError(from, "its list of files is of another format");
  const { about, files } = parsed.data;
  for (const { name, bytes, sha256 } of files) {
    const there = found.get(name);
    if (there === undefined) throw new BundleDamagedError(from, `${name} is missing`);
    if (there.bytes !== bytes || there.sha256 !== sha256)
      throw new BundleDamagedError(from, `${name} does not match its checksum`);
  }
  if (found.size > files.length)
    throw new BundleDamagedError(from, "it holds files that are not on its list");
  return { about, files };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function hashing(hash: Hash, onBytes: (length: number) => void = () => undefined): Transform {
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      hash.update(part);
      onBytes(part.length);
      done(null, part);
    },
  });
}

/** What the disk said, not the bundle. */
function isOfDisk(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** A bundle that can't be used. */
export class BundleDamagedError extends DomainError {
  readonly code = "backupDamaged";

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} can't be used: ${problem}; take another backup`, options);
  }
}
