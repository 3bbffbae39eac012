import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { replacedBy, oneNamed, tenantOf, uuidOf, type GraphContext, type Page } from '../kernel';
import { PretrainedModel, PretrainedModelConnection } from './pretrained-model.entity';
import { pretrainedModelList, type PretrainedModelListArgs } from './pretrained-model.list';
import { CreatePretrainedModelInput, PretrainedModelUploadPayload } from './pretrained-model.input';
import { DeletePretrainedModelInput, DeletePretrainedModelPayload } from './pretrained-model.input';
import type { PretrainedModelService } from './pretrained-model.service';

@Resolver(() => PretrainedModel)
export class PretrainedModelResolver {
  constructor(private readonly service: PretrainedModelService) {}

  @Query(() => PretrainedModel, {
    ...replacedBy('pretrainedModelById'),
    description: 'One pretrained model. NOT_FOUND when this tenant has none with this id.',
  })
  pretrainedModel(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<PretrainedModel> {
    return this.service.get(tenantOf(context), uuidOf('PretrainedModel', id));
  }

  @Query(() => PretrainedModelConnection, { description: 'The pretrained models of this tenant, newest first.' })
  pretrainedModels(
    @Args(() => pretrainedModelList.Args) args: PretrainedModelListArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<PretrainedModel>> {
    return this.service.list(tenantOf(context), args);
  }

  @Mutation(() => PretrainedModelUploadPayload, {
    description:
      'An address for a Keras model (TensorFlow.js layers model). Once READY, name its id in the parameters of the family ' +
      'pretrained.',
  })
  createPretrainedModel(
    @Arg('input', () => CreatePretrainedModelInput, { description: 'Name.' }) input: CreatePretrainedModelInput,
    @Ctx() context: GraphContext,
  ): Promise<PretrainedModelUploadPayload> {
    return this.service.create(tenantOf(context), { ...input });
  }

  @Mutation(() => DeletePretrainedModelPayload, {
    description:
      'Deletes a pretrained model for good, with its stored file. NOT_FOUND; CONFLICT, naming them, when runs went on from it.',
  })
  async deletePretrainedModel(
    @Arg('input', () => DeletePretrainedModelInput, { description: 'Which one.' }) input: DeletePretrainedModelInput,
    @Ctx() context: GraphContext,
  ): Promise<DeletePretrainedModelPayload> {
    const id = oneNamed({ pretrainedModelId: input.pretrainedModelId, id: input.id });
    await this.service.delete(tenantOf(context), uuidOf('PretrainedModel', id));
    return { id };
  }
}
