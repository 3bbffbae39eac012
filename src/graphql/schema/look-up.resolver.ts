import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { Case, CaseRun } from '../../cases';
import { Dataset, DatasetVersion } from '../../datasets';
import { Deployment } from '../../deployments';
import { type GraphContext, type NodeKind, parseGlobalId, tenantOf } from '../../kernel';
import { Model, ModelVersion } from '../../models';
import { Pipeline, PipelineVersion } from '../../pipelines';
import { Prediction } from '../../predictions';
import { PretrainedModel } from '../../pretrained';
import { Run } from '../../runs';
import { findNode, type NodeResolvers } from './node.resolver';

/** What is looked up by id one at a time. */
const TYPES = {
  ...{ Case, CaseRun, Dataset, DatasetVersion, Deployment, Model, ModelVersion, Pipeline, PipelineVersion },
  ...{ Prediction, PretrainedModel, Run },
} as const satisfies Partial<Record<NodeKind, Function>>;

/** `PipelineVersion` is looked up by `pipelineVersionById`. */
const fieldOf = (kind: string): string => `${kind[0].toLowerCase()}${kind.slice(1)}ById`;

/**
 * A query for each type, null where this tenant has no such object: one that is missing leaves the rest of the answer.
 * The methods are made below, from the table.
 */
@Resolver()
export class LookUpResolver {
  constructor(readonly resolvers: NodeResolvers) {}
}

for (const [kind, type] of Object.entries(TYPES)) {
  const name = fieldOf(kind);
  const prototype = LookUpResolver.prototype as unknown as Record<string, unknown>;
  prototype[name] = function (this: LookUpResolver, id: string, context: GraphContext): Promise<object | null> {
    const caller = tenantOf(context);
    return parseGlobalId(id)?.kind === kind ? findNode(this.resolvers, caller, id) : Promise.resolve(null);
  };
  const description = `The ${kind} with this id; null when this tenant has none.`;
  Query(() => type, { nullable: true, description })(prototype, name, {});
  Arg('id', () => ID, { description: `Global id of a ${kind}.` })(prototype, name, 0);
  Ctx()(prototype, name, 1);
}
