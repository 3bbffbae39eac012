/** Files of a model beside its graph, for what ONNX does not hold: a tokenizer, an index. */

/** A file by its name, which is a relative path. */
export interface NamedFile {
  name: string;
  bytes: Uint8Array;
}

/** As training makes one; its bounds stand in assets.ts. */
export interface ModelAsset extends NamedFile {
  mediaType: string;
}

/** What a model is opened from: its graph in one precision, and its assets. */
export interface ModelFiles {
  model: Uint8Array;
  assets: readonly NamedFile[];
}

/** The graph among the files that explain the answers of a model; the others are its assets. */
export const EXPLANATION_GRAPH = 'graph.onnx';

/** A line of the manifest of a model: what an asset must be. */
export interface AssetEntry {
  name: string;
  mediaType: string;
  byteCount: number;
  /** Hexadecimal. */
  sha256: string;
}
