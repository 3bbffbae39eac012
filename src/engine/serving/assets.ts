/** Assets of a model: their bounds, the manifest of them in its graph, and whether files are those of a manifest. */
import { createHash } from 'node:crypto';
import { shown, shownList } from '../../formats';
import { EngineError, type AssetEntry, type ModelAsset, type NamedFile } from '../types';

/** Key of the manifest, as JSON, in the model's metadata_props; a graph without assets has none. */
export const ASSETS_KEY = 'praxis.assets';

const COUNT_MAX = 64;
const NAME_LENGTH_MAX = 100;
/** Of all assets of a model: they are held in memory where it is served. */
const BYTES_MAX = 512 * 2 ** 20;

/** Parts of a path that every file system takes: they begin and end with a letter, a digit or an underscore. */
const NAME = /^\w(?:[\w.-]*\w)?(?:\/\w(?:[\w.-]*\w)?)*$/;
/** Windows takes these for devices, whatever their ending. */
const DEVICE = /(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?(?:\/|$)/i;
/** RFC 6838, section 4.2, without parameters. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;

/** The manifest of what training made. Throws EngineError for what is out of bounds. */
export function manifestOf(assets: readonly ModelAsset[]): AssetEntry[] {
  checkCount(assets);
  checkNames(assets.map(({ name }) => name));
  return assets.map(({ name, mediaType, bytes }, i) => {
    if (!MEDIA_TYPE.test(mediaType)) {
      throw fault(
        `assets[${i}].mediaType`,
        `${shown(mediaType)} is no media type`,
        'Name one such as application/json.',
      );
    }
    return { name, mediaType, byteCount: bytes.byteLength, sha256: sha256Of(bytes) };
  });
}

function checkCount(assets: readonly ModelAsset[]): void {
  const byteCount = assets.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  if (assets.length <= COUNT_MAX && byteCount <= BYTES_MAX) return;
  const message = `The model has ${assets.length} assets of ${byteCount} bytes together; at most ${COUNT_MAX} of ${BYTES_MAX} bytes are kept`;
  throw fault('assets', message, 'Make a smaller vocabulary or index, or put several files into one.');
}

function checkNames(names: string[]): void {
  const hint = `Name it by letters, digits, "_", "-" and "." in parts divided by "/", at most ${NAME_LENGTH_MAX} characters, such as tokenizer/vocabulary.json.`;
  names.forEach((name, i) => {
    if (name.length <= NAME_LENGTH_MAX && NAME.test(name) && !DEVICE.test(name)) return;
    throw fault(`assets[${i}].name`, `${shown(name)} cannot be the name of an asset`, hint);
  });
  // As a file system sees them that does not tell cases apart.
  const seen = names.map((name) => name.toLowerCase());
  seen.forEach((name, i) => {
    const other = seen.findIndex((one, j) => j !== i && (one === name || one.startsWith(`${name}/`)));
    if (other < 0) return;
    const message = `The assets ${shownList([names[i], names[other]])} cannot stand in one folder`;
    throw fault(`assets[${i}].name`, message, 'Give them different names.');
  });
}

/** Throws EngineError that names the first asset which is missing, is another one, or is not in the manifest. */
export function verifyAssets(manifest: readonly AssetEntry[], files: readonly NamedFile[]): void {
  const bytesByName = new Map(files.map(({ name, bytes }) => [name, bytes]));
  const hint = 'Take all files of the model from its archive, or train it again.';
  for (const { name, byteCount, sha256 } of manifest) {
    const bytes = bytesByName.get(name);
    const path = `assets.${name}`;
    if (!bytes) throw fault(path, `The asset ${shown(name)} of the model is missing`, hint);
    if (bytes.byteLength !== byteCount) {
      const message = `The asset ${shown(name)} of the model has ${bytes.byteLength} bytes instead of ${byteCount}`;
      throw fault(path, message, hint);
    }
    const actual = sha256Of(bytes);
    if (actual !== sha256) {
      const message = `The asset ${shown(name)} of the model is damaged or another one: its SHA-256 is ${actual} instead of ${sha256}`;
      throw fault(path, message, hint);
    }
    bytesByName.delete(name);
  }
  const [more] = bytesByName.keys();
  if (more === undefined) return;
  throw fault('assets', `The model has no asset ${shown(more)}`, 'Leave it out.');
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const fault = (path: string, message: string, hint: string): EngineError => new EngineError(`${message}.`, path, hint);
