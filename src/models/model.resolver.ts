import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ConnectionArgs, replacedBy, tenantOf, uuidOf, type GraphContext, type Page } from '../kernel';
import { Pipeline, type PipelineService } from '../pipelines';
import { Model, ModelConnection, ModelVersion, ModelVersionConnection } from './model.entity';
import { modelList, type ModelListArgs } from './model.list';
import { ModelVariant } from './model-variant.entity';
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

  @FieldResolver(() => Model, { description: 'The model it is a version of.' })
  model(@Root() version: ModelVersion, @Ctx() context: GraphContext): Promise<Model> {
    return this.service.byId.load(context, version.modelId);
  }
}
