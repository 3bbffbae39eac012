import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { EntityLoader } from '../db';
import { Deployment } from '../deployments';
import { replacedBy, tenantOf, uuidOf, type GraphContext, type Page } from '../kernel';
import { ModelVersion } from '../models';
import { Prediction, PredictionConnection } from './prediction.entity';
import { PredictionListArgs } from './prediction.list';
import { PredictInput } from './prediction.input';
import { PredictPayload } from './answers/prediction.payload';
import type { PredictionService } from './prediction.service';

/** Looking through the rules of a class for each request would cost a tenth of a prediction. */
const checkedByService = (): void => undefined;

@Resolver(() => Prediction)
export class PredictionResolver {
  constructor(
    private readonly service: PredictionService,
    private readonly loaders: { deployments: EntityLoader<Deployment>; versions: EntityLoader<ModelVersion> },
  ) {}

  @Mutation(() => PredictPayload, {
    description:
      'Predicts rows, or entities by their history, with a live deployment. VALIDATION_FAILED names the faulty rows and fields (at most 20), also for input that the model has not seen in training where the deployment has the policy REFUSE; otherwise `notes` report it. NOT_FOUND or CONFLICT the deployment, PAYLOAD_TOO_LARGE too many rows of all predictions of the request, RATE_LIMITED or UNAVAILABLE a full queue and when to retry.',
  })
  predict(
    @Arg('input', () => PredictInput, {
      description: 'Deployment and rows, or entities.',
      validateFn: checkedByService,
    })
    input: PredictInput,
    @Ctx() context: GraphContext,
  ): Promise<PredictPayload> {
    return this.service.predict(tenantOf(context), input, context);
  }

  @Query(() => Prediction, {
    ...replacedBy('predictionById'),
    description: 'One recorded prediction, at once after `predict`. NOT_FOUND when this tenant has none with this id.',
  })
  prediction(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<Prediction> {
    return this.service.get(tenantOf(context), uuidOf('Prediction', id));
  }

  @Query(() => PredictionConnection, {
    description: 'The recorded predictions of a deployment, newest first. NOT_FOUND for an unknown deployment.',
  })
  predictions(
    @Arg('deploymentId', () => ID, { description: 'Global id of the deployment, live or retired.' })
    deploymentId: string,
    @Args(() => PredictionListArgs) args: PredictionListArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<Prediction>> {
    return this.service.list(tenantOf(context), uuidOf('Deployment', deploymentId), args);
  }

  @FieldResolver(() => Deployment, { description: 'The deployment that answered, as it is now.' })
  deployment(@Root() prediction: Prediction, @Ctx() context: GraphContext): Promise<Deployment> {
    return this.loaders.deployments.load(context, prediction.deploymentId);
  }

  @FieldResolver(() => ModelVersion, { description: 'The model version that answered.' })
  modelVersion(@Root() prediction: Prediction, @Ctx() context: GraphContext): Promise<ModelVersion> {
    return this.loaders.versions.load(context, prediction.modelVersionId);
  }
}
