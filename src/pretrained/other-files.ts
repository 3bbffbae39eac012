/** Files that people send in place of the converter's folder, by what they are called. */
import { open } from 'node:fs/promises';

interface Kind {
  name: string;
  hint: string;
}

const CONVERT =
  'Convert it first, in Python: tensorflowjs.converters.save_keras_model(model, "folder"). Then send a ZIP file of that folder.';

/** By how a file begins, which is no ZIP file. */
const BEGINNINGS: [bytes: string, kind: Kind][] = [
  ['\x89HDF', { name: 'an HDF5 file (.h5), as Keras saves models', hint: CONVERT }],
  [
    '{',
    { name: 'JSON, such as model.json alone', hint: 'Send a ZIP file of model.json and all .bin files beside it.' },
  ],
  ['\x1f\x8b', { name: 'packed with gzip', hint: 'Pack the folder as a ZIP file.' }],
];

/** By the names of the files in a ZIP file without model.json; the first that fits. */
const CONTENTS: [file: RegExp, kind: Kind][] = [
  [/(^|\/)model\.weights\.h5$/, { name: 'a .keras file of Keras 3', hint: CONVERT }],
  [/(^|\/)saved_model\.pb$/, { name: 'a SavedModel of TensorFlow', hint: CONVERT }],
  [/\.(keras|h5|hdf5)$/i, { name: 'a packed file of Keras', hint: CONVERT }],
  [/(^|\/)data\.pkl$/, { name: 'a file of PyTorch', hint: 'Models of Keras can be taken.' }],
  [/\.onnx$/i, { name: 'a packed ONNX file', hint: 'Models of Keras can be taken.' }],
];

export const kindByContent = (names: string[]): Kind | null =>
  CONTENTS.find(([file]) => names.some((name) => file.test(name)))?.[1] ?? null;

export async function kindByBeginning(path: string): Promise<Kind | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    const beginning = buffer.toString('latin1', 0, bytesRead);
    return BEGINNINGS.find(([bytes]) => beginning.startsWith(bytes))?.[1] ?? null;
  } finally {
    await file.close();
  }
}
