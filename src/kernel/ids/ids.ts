import { randomUUID } from 'node:crypto';

/** Every kind of object that has a global id. The prefix in the id is this name. */
export const NODE_KINDS = [
  'Tenant',
  'ApiKey',
  'Dataset',
  'DatasetVersion',
  'PretrainedModel',
  'Pipeline',
  'PipelineVersion',
  'Run',
  'Model',
  'ModelVersion',
  'Deployment',
  'Prediction',
  'Case',
  'CaseRun',
] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export const isNodeKind = (text: string): text is NodeKind => (NODE_KINDS as readonly string[]).includes(text);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const newId = (): string => randomUUID();

/** In the one form we write: lower case, with hyphens. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** The opaque global id clients see: base64url of `Kind:uuid`. */
export function toGlobalId(kind: NodeKind, uuid: string): string {
  return Buffer.from(`${kind}:${uuid}`).toString('base64url');
}

/** Kind and uuid of a global id, or null when the text is not one. */
export function parseGlobalId(globalId: string): { kind: NodeKind; uuid: string } | null {
  const [kind, uuid, ...rest] = Buffer.from(globalId, 'base64url').toString('utf8').split(':');
  if (rest.length > 0 || !uuid || !isUuid(uuid)) return null;
  return isNodeKind(kind) ? { kind, uuid } : null;
}
