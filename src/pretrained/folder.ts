import yauzl from 'yauzl';
import { EngineError, modelFault } from '../engine';

export interface FolderLimits {
  /** Of all files together, unpacked. */
  byteCountMax: number;
  /** Of model.json. */
  topologyBytesMax: number;
}

const FILES_MAX = 10_000;
const TOPOLOGY = 'model.json';
const ZIP_IT = 'Send a ZIP file of the folder that the converter wrote: model.json and all .bin files beside it.';

/** A zipped folder that holds model.json, read from where it lies: nothing is unpacked to a disk. */
export class ModelFolder {
  private constructor(
    private readonly zip: yauzl.ZipFile,
    /** By their paths relative to model.json. */
    private readonly entries: Map<string, yauzl.Entry>,
    private readonly limits: FolderLimits,
  ) {}

  /** Throws EngineError for what is no such ZIP file, or is too large once unpacked. */
  static async open(path: string, limits: FolderLimits): Promise<ModelFolder> {
    const zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true }).catch((error: Error) => {
      throw unreadable(error);
    });
    try {
      return new ModelFolder(zip, beside(await entriesOf(zip, limits)), limits);
    } catch (error) {
      zip.close();
      throw error instanceof EngineError ? error : unreadable(error as Error);
    }
  }

  async topology(): Promise<unknown> {
    const { uncompressedSize } = this.entries.get(TOPOLOGY)!;
    const { topologyBytesMax } = this.limits;
    if (uncompressedSize > topologyBytesMax) {
      const message = `has ${uncompressedSize} bytes; at most ${topologyBytesMax} are read`;
      throw modelFault(TOPOLOGY, message, 'Convert the model so that its weights stand in .bin files.');
    }
    const parts: Uint8Array[] = [];
    for await (const chunk of this.read(TOPOLOGY)) parts.push(chunk);
    try {
      return JSON.parse(Buffer.concat(parts).toString('utf8'));
    } catch {
      throw modelFault(TOPOLOGY, 'is not valid JSON', 'Convert the model again, and zip the folder as it is.');
    }
  }

  async *read(path: string): AsyncGenerator<Uint8Array> {
    const entry = this.entries.get(path);
    if (!entry) {
      const names = [...this.entries.keys()].slice(0, 10).join(', ');
      throw modelFault(path, 'is named in the manifest and is not in the ZIP file', `It holds ${names}. ${ZIP_IT}`);
    }
    try {
      // yauzl fails when an entry unpacks to more or fewer bytes than it says.
      yield* await this.zip.openReadStreamPromise(entry);
    } catch (error) {
      throw unreadable(error as Error);
    }
  }

  close(): void {
    this.zip.close();
  }
}

/** What the operating system says names a path of this server and is no fault of the file, so it stays as it is. */
const unreadable = (error: Error): Error =>
  'syscall' in error ? error : modelFault('the file', `is not a readable ZIP file (${error.message})`, ZIP_IT);

async function entriesOf(zip: yauzl.ZipFile, { byteCountMax }: FolderLimits): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  let byteCount = 0;
  for await (const entry of zip.eachEntry()) {
    byteCount += entry.uncompressedSize;
    if (byteCount > byteCountMax || entries.length >= FILES_MAX) {
      const message = `unpacks to more than ${byteCountMax} bytes or ${FILES_MAX} files`;
      throw modelFault('the ZIP file', message, 'Send the folder of one model, or quantize its weights to float16.');
    }
    if (!entry.fileName.startsWith('__MACOSX/')) entries.push(entry);
  }
  return entries;
}

/** The files in the folder of the only model.json, or of the outermost one. */
function beside(entries: yauzl.Entry[]): Map<string, yauzl.Entry> {
  const depth = (name: string) => name.split('/').length;
  const found = entries
    .map(({ fileName }) => fileName)
    .filter((name) => name === TOPOLOGY || name.endsWith(`/${TOPOLOGY}`))
    .sort((a, b) => depth(a) - depth(b));
  const [first, second] = found;
  if (first === undefined) throw modelFault('the ZIP file', 'holds no model.json', ZIP_IT);
  if (second !== undefined && depth(second) === depth(first)) {
    throw modelFault('the ZIP file', `holds several models: ${first}, ${second}`, 'Send one model at a time.');
  }
  const folder = first.slice(0, -TOPOLOGY.length);
  return new Map(
    entries
      .filter(({ fileName }) => fileName.startsWith(folder))
      .map((entry) => [entry.fileName.slice(folder.length), entry]),
  );
}
