import { modelKey, type ModelSource } from '../compute';
import type { OutputBatch } from '../engine';
import type { TenantContext } from '../kernel';
import type { ModelService, ModelVersion } from '../models';
import type { Score } from './prediction.entity';
import { RowEncoder } from './row.encoder';

/** The answer for one row, before it has an id. */
export interface Answer {
  value: string;
  scores: Score[] | null;
}

/** A model version ready to predict: its encoder, compiled once, and where its file is read. Immutable, like the version. */
export class ServedModel {
  readonly encoder: RowEncoder;
  readonly source: ModelSource;

  private constructor(
    readonly version: ModelVersion,
    context: TenantContext,
    models: ModelService,
  ) {
    this.encoder = new RowEncoder(version.card);
    this.source = {
      tenantId: context.tenantId,
      key: modelKey(context.tenantId, version.id),
      load: () => models.readModel(context, version.id),
    };
  }

  static async read(models: ModelService, context: TenantContext, versionId: string): Promise<ServedModel> {
    return new ServedModel(await models.getVersion(context, versionId), context, models);
  }

  answer({ prediction, probabilities }: OutputBatch, row: number): Answer {
    const value = prediction[row];
    const { labels } = this.version.card;
    return {
      value: typeof value === 'string' ? value : shortest(value),
      scores: labels && probabilities && scoresAt(labels, probabilities, row * labels.length),
    };
  }
}

function scoresAt(labels: string[], probabilities: Float32Array, at: number): Score[] {
  return labels.map((label, index) => ({ label, probability: probabilities[at + index] }));
}

/** A 32-bit float is good for 7 digits; the rest would be noise of its conversion. */
const shortest = (value: number): string => String(Number(value.toPrecision(7)));
