import type { ExplanationMethod, ModelFiles, Precision } from '../../engine';

/** Files of a model version of one tenant, and how to read them. */
export interface ModelSource {
  tenantId: string;
  /** Unique over all tenants: `modelKey(tenantId, fileKey(modelVersionId, precision))`, or with `explanationKey`. */
  key: string;
  /** They explain the answers of the model; left out: they answer. */
  explains?: ExplanationMethod;
  /** Rows in one run at most, where they take long; left out: as many as the batcher has. */
  rowsMax?: number;
  /** Reads the ONNX file and its assets. Called when no session is open; concurrent callers share one call. */
  load(): Promise<ModelFiles>;
}

export const modelKey = (tenantId: string, file: string): string => `${tenantId}/${file}`;

/** Names a file among those of a tenant. */
export const fileKey = (modelVersionId: string, precision: Precision): string => `${modelVersionId}/${precision}`;

/** Names what explains the answers of a model version, whatever its precision. */
export const explanationKey = (modelVersionId: string, method: ExplanationMethod): string =>
  `${modelVersionId}/${EXPLANATION}/${method}`;

const EXPLANATION = 'explanation';

/** Of a key by `fileKey` or `explanationKey`. */
export const versionOfFile = (file: string): string => file.split('/')[0];

export const isExplanation = (file: string): boolean => file.split('/')[1] === EXPLANATION;
