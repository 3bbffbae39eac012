import { explanationKey, fileKey, modelKey, type ModelSource } from '../compute';
import type { Deployment } from '../deployments';
import { findStep, findTask, type Precision } from '../engine';
import { PraxisError, type TenantContext } from '../kernel';
import type { ModelService, ModelVersion } from '../models';
import { rowsAtOnce, type ExplanationPlan } from './explanations/explanation.plan';
import { InputNotes } from './notes/input.notes';
import { recordedNames } from './blocks/block.format';
import { HistoryEncoder } from './rows/history.encoder';
import { fieldOf, type Field } from './rows/row.cells';
import { RowEncoder } from './rows/row.encoder';

/** A file of a model version ready to predict: its encoder, compiled once, and where it is read. Immutable, like the version. */
export class ServedModel {
  readonly encoder: RowEncoder;
  readonly notes: InputNotes;
  /** Of a model that reads the history of an entity, whose column of entities is `key`. */
  readonly history: { encoder: HistoryEncoder; key: string } | null;
  /** Of a ranking: the column that says which rows are put in order together. */
  readonly group: Field | null;
  /** What is recorded of a row. */
  readonly fields: Field[];
  readonly source: ModelSource;

  private constructor(
    readonly version: ModelVersion,
    precision: Precision,
    private readonly context: TenantContext,
    private readonly models: ModelService,
  ) {
    this.encoder = new RowEncoder(version.card);
    this.notes = new InputNotes(version.card);
    const { history } = version.card;
    this.history = history ? { encoder: new HistoryEncoder(version.card, history), key: history.key } : null;
    this.group = version.card.rankedWithin === undefined ? null : fieldOf(version.card.rankedWithin);
    this.fields = recordedNames(version.card).map(fieldOf);
    this.source = {
      tenantId: context.tenantId,
      key: modelKey(context.tenantId, fileKey(version.id, precision)),
      load: () => models.files.read(context, version.id, precision),
    };
  }

  /** What explains its answers, of a version whose card has an `explanation`. */
  explanationSource({ method, card }: ExplanationPlan): ModelSource {
    const { version, context, models } = this;
    return {
      ...{ tenantId: context.tenantId, explains: method, rowsMax: rowsAtOnce(card, method) },
      key: modelKey(context.tenantId, explanationKey(version.id, method)),
      load: () => models.files.readExplanation(context, version.id),
    };
  }

  static async read(
    models: ModelService,
    context: TenantContext,
    { modelVersionId, precision }: Deployment,
  ): Promise<ServedModel> {
    const version = await models.getVersion(context, modelVersionId);
    refuseUnloaded(version);
    return new ServedModel(version, precision, context, models);
  }
}

/** A module that brought a task or a kind of step may be gone since the model was trained. Throws CONFLICT. */
function refuseUnloaded({ card }: ModelVersion): void {
  const kinds = card.history?.steps.map(({ kind }) => kind).filter((kind) => !findStep(kind)) ?? [];
  const missing = [
    ...(findTask(card.task) ? [] : [`the task ${card.task}`]),
    ...kinds.map((kind) => `the step ${kind}`),
  ];
  if (missing.length === 0) return;
  throw new PraxisError(
    'CONFLICT',
    `This model needs ${missing.join(' and ')}, whose module is not loaded on this server. Ask its operator to load it (PRAXIS_EXTENSIONS).`,
  );
}
