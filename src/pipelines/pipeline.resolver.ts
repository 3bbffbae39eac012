import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { families } from '../engine';
import { ConnectionArgs, replacedBy, tenantOf, uuidOf, type GraphContext, type Page } from '../kernel';
import {
  Pipeline,
  PipelineConnection,
  PipelineStep,
  PipelineVersion,
  PipelineVersionConnection,
} from './pipeline.entity';
import { pipelineList, type PipelineListArgs } from './pipeline.list';
import { CreatePipelineInput, UpdatePipelineInput } from './pipeline.input';
import type { PipelineService } from './pipeline.service';
import { CreatePipelinePayload, Family, StepKindType, UpdatePipelinePayload } from './pipeline.type';
import { KIND_NAME_DESCRIPTION, kindOf, StepKind, stepKinds } from './steps/step-kind';

@Resolver(() => Pipeline)
export class PipelineResolver {
  constructor(private readonly service: PipelineService) {}

  @Query(() => Pipeline, {
    ...replacedBy('pipelineById'),
    description: 'One pipeline. NOT_FOUND when this tenant has none with this id.',
  })
  pipeline(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<Pipeline> {
    return this.service.get(tenantOf(context), uuidOf('Pipeline', id));
  }

  @Query(() => PipelineConnection, { description: 'The pipelines of this tenant, newest first.' })
  pipelines(
    @Args(() => pipelineList.Args) args: PipelineListArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<Pipeline>> {
    return this.service.list(tenantOf(context), args);
  }

  @Query(() => [StepKindType], { description: 'The kinds of steps a pipeline can have, in their order.' })
  stepKinds(): StepKindType[] {
    return stepKinds();
  }

  @Query(() => [Family], { description: 'The families of models a TRAIN step can name.' })
  families(): Family[] {
    return families();
  }

  @Mutation(() => CreatePipelinePayload, {
    description: 'Creates a pipeline. VALIDATION_FAILED names every fault by step and parameter.',
  })
  async createPipeline(
    @Arg('input', { description: 'The pipeline.' }) input: CreatePipelineInput,
    @Ctx() context: GraphContext,
  ): Promise<CreatePipelinePayload> {
    return { pipeline: await this.service.create(tenantOf(context), input) };
  }

  @Mutation(() => UpdatePipelinePayload, {
    description: 'Gives a pipeline new content as a new immutable version. VALIDATION_FAILED as for `createPipeline`.',
  })
  async updatePipeline(
    @Arg('input', { description: 'The new content.' }) input: UpdatePipelineInput,
    @Ctx() context: GraphContext,
  ): Promise<UpdatePipelinePayload> {
    const id = uuidOf('Pipeline', input.pipelineId);
    return { pipeline: await this.service.update(tenantOf(context), id, input) };
  }

  @FieldResolver(() => PipelineVersion, { description: 'The version that new runs use.' })
  currentVersion(@Root() pipeline: Pipeline, @Ctx() context: GraphContext): Promise<PipelineVersion> {
    return this.service.versionById.load(context, pipeline.currentVersionId!);
  }

  @FieldResolver(() => Int, { description: 'Number of the current version; counts from 1.' })
  async version(@Root() pipeline: Pipeline, @Ctx() context: GraphContext): Promise<number> {
    return (await this.service.versionById.load(context, pipeline.currentVersionId!)).version;
  }

  @FieldResolver(() => PipelineVersionConnection, { description: 'Its versions, newest first.' })
  versions(
    @Root() pipeline: Pipeline,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<PipelineVersion>> {
    return this.service.listVersions(tenantOf(context), pipeline.id, args);
  }
}

@Resolver(() => PipelineVersion)
export class PipelineVersionResolver {
  constructor(private readonly service: PipelineService) {}

  @Query(() => PipelineVersion, {
    ...replacedBy('pipelineVersionById'),
    description: 'One version of a pipeline. NOT_FOUND when this tenant has none with this id.',
  })
  pipelineVersion(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<PipelineVersion> {
    return this.service.getVersion(tenantOf(context), uuidOf('PipelineVersion', id));
  }

  @FieldResolver(() => Pipeline, { description: 'The pipeline it is a version of.' })
  pipeline(@Root() version: PipelineVersion, @Ctx() context: GraphContext): Promise<Pipeline> {
    return this.service.byId.load(context, version.pipelineId);
  }
}

@Resolver(() => PipelineStep)
export class PipelineStepResolver {
  @FieldResolver(() => StepKind)
  kind(@Root() step: PipelineStep): StepKind {
    return kindOf(step.kind);
  }

  @FieldResolver(() => String, { description: KIND_NAME_DESCRIPTION })
  kindName(@Root() step: PipelineStep): string {
    return step.kind;
  }
}
