import yauzl from 'yauzl';
import { EngineError, modelFault } from '../engine';
import { shown, shownList } from '../formats';
import { faultOfShape, type JsonShape } from '../kernel';

import { kindByBeginning, kindByContent } from './other-files';

export interface FolderLimits {
  /** Of all files together, unpacked. */
  byteCountMax: number;
}

/**
 * Of model.json, which is parsed on a thread that answers requests. The largest models of keras.applications, with a thousand
 * layers, have 1 MB and half as many lists and objects.
 */
const TOPOLOGY_BYTES_MAX = 2 * 2 ** 20;
const TOPOLOGY_SHAPE: JsonShape = {
  jsonDepth: 64,
  jsonContainers: 50_000,
  jsonNames: 5_000,
  jsonTexts: 100_000,
  jsonValues: 200_000,
};

const FILES_MAX = 10_000;
/** Of the names and remarks of all files, which are held while the ZIP file is open. */
const DIRECTORY_BYTES_MAX = 2 ** 20;
const TOPOLOGY = 'model.json';
const ZIP_IT = 'Send a ZIP file of the folder that the converter wrote: model.json and all .bin files beside it.';

/** A zipped folder that holds model.json, read from where it lies: nothing is unpacked to a disk. */
export class ModelFolder {
  private constructor(
    private readonly zip: yauzl.ZipFile,
    /** By their paths relative to model.json. */
    private readonly entries: Map<string, yauzl.Entry>,
  ) {}

  /** Throws EngineError for what is no such ZIP file, or is too large once unpacked. */
  static async open(path: string, limits: FolderLimits): Promise<ModelFolder> {
    const zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true }).catch(async (error: Error) => {
      const kind = 'syscall' in error ? null : await kindByBeginning(path);
      throw kind ? otherFile(kind) : unreadable(error);
    });
    try {
      return new ModelFolder(zip, beside(await entriesOf(zip, limits)));
    } catch (error) {
      zip.close();
      throw error instanceof EngineError ? error : unreadable(error as Error);
    }
  }

  async topology(): Promise<unknown> {
    const { uncompressedSize } = this.entries.get(TOPOLOGY)!;
    if (uncompressedSize > TOPOLOGY_BYTES_MAX) {
      const message = `has ${uncompressedSize} bytes; at most ${TOPOLOGY_BYTES_MAX} are read`;
      throw modelFault(TOPOLOGY, message, 'Convert the model so that its weights stand in .bin files.');
    }
    const parts: Uint8Array[] = [];
    for await (const chunk of this.read(TOPOLOGY)) parts.push(chunk);
    return parse(Buffer.concat(parts).toString('utf8'));
  }

  async *read(path: string): AsyncGenerator<Uint8Array> {
    const entry = this.entries.get(path);
    if (!entry) {
      const names = shownList(this.entries.keys(), 10);
      const message = 'is named in the manifest and is not in the ZIP file';
      throw modelFault(shown(path), message, `It holds ${names}. ${ZIP_IT}`);
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

function parse(text: string): unknown {
  const fault = faultOfShape(text, TOPOLOGY_SHAPE);
  if (fault) {
    const { what, max } = fault;
    const message = what ? `holds more than ${max} ${what}` : `nests lists and objects more than ${max} deep`;
    throw modelFault(TOPOLOGY, message, 'Convert the model again, or build a smaller one.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw modelFault(TOPOLOGY, 'is not valid JSON', 'Convert the model again, and zip the folder as it is.');
  }
}

/** What the operating system says names a path of this server and is no fault of the file, so it stays as it is. */
const unreadable = (error: Error): Error =>
  'syscall' in error ? error : modelFault('the file', `is not a readable ZIP file (${error.message})`, ZIP_IT);

const otherFile = ({ name, hint }: { name: string; hint: string }): Error =>
  modelFault('the file', `is ${name}, not a ZIP file of the folder that the TensorFlow.js converter writes`, hint);

async function entriesOf(zip: yauzl.ZipFile, { byteCountMax }: FolderLimits): Promise<yauzl.Entry[]> {
  const entries: yauzl.Entry[] = [];
  let [byteCount, directoryBytes] = [0, 0];
  for await (const entry of zip.eachEntry()) {
    byteCount += entry.uncompressedSize;
    directoryBytes += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (byteCount > byteCountMax || entries.length >= FILES_MAX || directoryBytes > DIRECTORY_BYTES_MAX) {
      const message = `unpacks to more than ${byteCountMax} bytes or ${FILES_MAX} files, or has names of more than ${DIRECTORY_BYTES_MAX} bytes`;
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
  if (first === undefined) {
    const kind = kindByContent(entries.map(({ fileName }) => fileName));
    throw kind ? otherFile(kind) : modelFault('the ZIP file', 'holds no model.json', ZIP_IT);
  }
  if (second !== undefined && depth(second) === depth(first)) {
    throw modelFault(
      'the ZIP file',
      `holds several models: ${shownList([first, second])}`,
      'Send one model at a time.',
    );
  }
  const folder = first.slice(0, -TOPOLOGY.length);
  return new Map(
    entries
      .filter(({ fileName }) => fileName.startsWith(folder))
      .map((entry) => [entry.fileName.slice(folder.length), entry]),
  );
}
