import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ConnectionArgs, replacedBy, tenantOf, toGlobalId, uuidOf, type GraphContext, type Page } from '../kernel';
import {
  KIND_NAME_DESCRIPTION,
  kindOf,
  knownTask,
  Pipeline,
  StepKind,
  TaskEnum,
  type PipelineService,
} from '../pipelines';
import { Model, ModelCard, ModelConnection, ModelVersion, ModelVersionConnection } from './model.entity';
import { modelList, type ModelListArgs } from './model.list';
import { ModelHistoryStep } from './model-input.type';
import { ModelAsset } from './files/model-asset.entity';
import { DeleteModelVersionInput, DeleteModelVersionPayload } from './model.input';
import { downloadPathOf } from './files/model.route';
import { ModelVariant } from './files/model-variant.entity';
import { DecisionTree } from './tree/tree.type';
import type { ModelService } from './model.service';

@Resolver(() => Model)
export class ModelResolver {
  constructor(
    private readonly service: ModelService,
    private readonly pipelines: PipelineService,
  ) {}

  @Query(() => Model, {
    ...replacedBy('modelById'),
    description: 'One model. NOT_FOUND when this tenant has none with this id.',
  })
  model(@Arg('id', () => ID, { description: 'Global id.' }) id: string, @Ctx() context: GraphContext): Promise<Model> {
    return this.service.get(tenantOf(context), uuidOf('Model', id));
  }

  @Query(() => ModelConnection, { description: 'The models of this tenant, newest first.' })
  models(@Args(() => modelList.Args) args: ModelListArgs, @Ctx() context: GraphContext): Promise<Page<Model>> {
    return this.service.list(tenantOf(context), args);
  }

  @FieldResolver(() => ModelVersionConnection, { description: 'Its versions, newest first.' })
  versions(
    @Root() model: Model,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<ModelVersion>> {
    return this.service.listVersions(tenantOf(context), model.id, args);
  }

  @FieldResolver(() => Pipeline, { description: 'The pipeline that makes its versions.' })
  pipeline(@Root() model: Model, @Ctx() context: GraphContext): Promise<Pipeline> {
    return this.pipelines.byId.load(context, model.pipelineId);
  }
}

@Resolver(() => ModelVersion)
export class ModelVersionResolver {
  constructor(private readonly service: ModelService) {}

  @Query(() => ModelVersion, {
    ...replacedBy('modelVersionById'),
    description: 'One model version. NOT_FOUND when this tenant has none with this id.',
  })
  modelVersion(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<ModelVersion> {
    return this.service.getVersion(tenantOf(context), uuidOf('ModelVersion', id));
  }

  @FieldResolver(() => [ModelVariant], {
    description:
      'Its files, FLOAT32 first, then smaller ones; a model with next to no weights, such as a small linear one, has the first alone.',
  })
  variants(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<ModelVariant[]> {
    return this.service.variantsByVersion.load(context, version.id);
  }

  @FieldResolver(() => DecisionTree, {
    nullable: true,
    description:
      'The tree as a picture and as rules in words, where the version is a single one (family `tree`); null for all others, and for versions made before this was kept.',
  })
  async tree(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<DecisionTree | null> {
    if (!version.card.explanation) return null;
    const outline = await this.service.files.readTree(tenantOf(context), version.id);
    return outline && new DecisionTree(version, outline);
  }

  @FieldResolver(() => [ModelAsset], {
    description: 'Files that it needs beside the ONNX graph, by name; none for most models.',
  })
  assets(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<ModelAsset[]> {
    return this.service.assetsOf(context, version.id);
  }

  @FieldResolver(() => String, {
    description:
      'Path on this server from which the ONNX file as trained is downloaded, with the api key as for `/graphql`; `?precision=int8` and the like take another of its `variants`. Of a version with `assets` it is a tar file of all of them, with `manifest.json`, which lists name, mediaType, byteCount and sha256 of each.',
  })
  async downloadPath(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<string> {
    return downloadPathOf(version, (await this.assets(version, context)).length);
  }

  @FieldResolver(() => String, {
    description: 'The same as an absolute address, such as `curl -OJ -H "Authorization: Bearer KEY" URL` takes.',
  })
  async downloadUrl(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<string> {
    return context.address + (await this.downloadPath(version, context));
  }

  @Mutation(() => DeleteModelVersionPayload, {
    description:
      'Deletes a model version for good, with its files and its edges of the lineage; its number is not given again. NOT_FOUND; CONFLICT, naming them, when deployments lead or led to it.',
  })
  async deleteModelVersion(
    @Arg('input', () => DeleteModelVersionInput, { description: 'Which one.' }) input: DeleteModelVersionInput,
    @Ctx() context: GraphContext,
  ): Promise<DeleteModelVersionPayload> {
    await this.service.deleteVersion(tenantOf(context), uuidOf('ModelVersion', input.modelVersionId));
    return { id: input.modelVersionId };
  }

  @FieldResolver(() => Model, { description: 'The model it is a version of.' })
  model(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<Model> {
    return this.service.byId.load(context, version.modelId);
  }
}

@Resolver(() => ModelVariant)
export class ModelVariantResolver {
  constructor(private readonly service: ModelService) {}

  @FieldResolver(() => String, {
    description: 'Path on this server from which this file is downloaded, as `ModelVersion.downloadPath`.',
  })
  async downloadPath(
    @Root() { modelVersionId, precision }: ModelVariant,
    @Ctx() context: GraphContext,
  ): Promise<string> {
    const assets = await this.service.assetsOf(context, modelVersionId);
    const globalId = toGlobalId('ModelVersion', modelVersionId);
    return `${downloadPathOf({ globalId }, assets.length)}?precision=${precision}`;
  }

  @FieldResolver(() => String, { description: 'The same as an absolute address, as `ModelVersion.downloadUrl`.' })
  async downloadUrl(@Root() variant: ModelVariant, @Ctx() context: GraphContext): Promise<string> {
    return context.address + (await this.downloadPath(variant, context));
  }
}

@Resolver(() => ModelCard)
export class ModelCardResolver {
  @FieldResolver(() => TaskEnum)
  task(@Root() { task }: ModelCard): ModelCard['task'] {
    return knownTask(task);
  }
}

@Resolver(() => ModelHistoryStep)
export class ModelHistoryStepResolver {
  @FieldResolver(() => StepKind)
  kind(@Root() step: ModelHistoryStep): StepKind {
    return kindOf(step.kind);
  }

  @FieldResolver(() => String, { description: KIND_NAME_DESCRIPTION })
  kindName(@Root() step: ModelHistoryStep): string {
    return step.kind;
  }
}
