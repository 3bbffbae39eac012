import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { EntityLoader } from '../db';
import { PraxisError, replacedBy, tenantOf, uuidOf, type GraphContext, type Page } from '../kernel';
import { ModelVersion, ModelWarning } from '../models';
import { Deployment, DeploymentConnection, type UnusualInputPolicy } from './deployment.entity';
import { deploymentList, type DeploymentListArgs } from './deployment.list';
import { DeployModelInput, DeploymentPayload, RetireDeploymentInput, UpdateDeploymentInput } from './deployment.input';
import type { DeploymentService } from './deployment.service';

@Resolver(() => Deployment)
export class DeploymentResolver {
  constructor(
    private readonly service: DeploymentService,
    private readonly versions: EntityLoader<ModelVersion>,
  ) {}

  @Query(() => Deployment, {
    ...replacedBy('deploymentById'),
    description: 'One deployment. NOT_FOUND when this tenant has none with this id or live name.',
  })
  deployment(
    @Arg('id', () => ID, { description: 'Global id, or the name of a live deployment.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<Deployment> {
    return this.service.get(tenantOf(context), id);
  }

  @Query(() => Deployment, {
    nullable: true,
    description: 'The live deployment of this name; null when there is none.',
  })
  deploymentByName(
    @Arg('name', () => String, { description: 'Its slug.' }) name: string,
    @Ctx() context: GraphContext,
  ): Promise<Deployment | null> {
    return this.service.findByName(tenantOf(context), name);
  }

  @Query(() => DeploymentConnection, {
    description: 'The deployments of this tenant, live and retired, newest first.',
  })
  deployments(
    @Args(() => deploymentList.Args) args: DeploymentListArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<Deployment>> {
    return this.service.list(tenantOf(context), args);
  }

  @Mutation(() => DeploymentPayload, {
    description:
      'Makes a model version answer under a name; the name of a live deployment moves it, in one step and without a failed request. NOT_FOUND for an unknown model version, CONFLICT when the idempotency key was used with another input.',
  })
  async deployModel(
    @Arg('input', () => DeployModelInput, { description: 'What to deploy.' }) input: DeployModelInput,
    @Ctx() context: GraphContext,
  ): Promise<DeploymentPayload> {
    const modelVersionId = uuidOf('ModelVersion', input.modelVersionId);
    return {
      deployment: await this.service.deploy(tenantOf(context), {
        ...input,
        modelVersionId,
        onUnusualInput: policyOf(input),
      }),
    };
  }

  @Mutation(() => DeploymentPayload, {
    description: 'Changes settings of a live deployment. NOT_FOUND, or CONFLICT when it is retired.',
  })
  async updateDeployment(
    @Arg('input', () => UpdateDeploymentInput, { description: 'What to change.' }) input: UpdateDeploymentInput,
    @Ctx() context: GraphContext,
  ): Promise<DeploymentPayload> {
    const id = uuidOf('Deployment', input.deploymentId);
    const settings = { recordFraction: input.recordFraction, onUnusualInput: policyOf(input) };
    return { deployment: await this.service.update(tenantOf(context), id, settings) };
  }

  @Mutation(() => DeploymentPayload, { description: 'Ends a deployment and frees its name. NOT_FOUND.' })
  async retireDeployment(
    @Arg('input', () => RetireDeploymentInput, { description: 'Which one.' }) input: RetireDeploymentInput,
    @Ctx() context: GraphContext,
  ): Promise<DeploymentPayload> {
    const id = uuidOf('Deployment', input.deploymentId);
    return { deployment: await this.service.retire(tenantOf(context), id) };
  }

  @FieldResolver(() => ModelVersion, { description: 'The model version that answers.' })
  modelVersion(@Root() deployment: Deployment, @Ctx() context: GraphContext): Promise<ModelVersion> {
    return this.versions.load(context, deployment.modelVersionId);
  }
}

@Resolver(() => DeploymentPayload)
export class DeploymentPayloadResolver {
  constructor(private readonly versions: EntityLoader<ModelVersion>) {}

  @FieldResolver(() => [ModelWarning], {
    description:
      'What the card of the model version that answers warns of, such as that it is no better than guessing; empty where ' +
      'nothing is known against it.',
  })
  async warnings(@Root() { deployment }: DeploymentPayload, @Ctx() context: GraphContext): Promise<ModelWarning[]> {
    return (await this.versions.load(context, deployment.modelVersionId)).card.warnings ?? [];
  }
}

/** By either of its names; two that differ are refused. */
function policyOf({
  inputPolicy,
  onUnusualInput,
}: Pick<DeployModelInput, 'inputPolicy' | 'onUnusualInput'>): UnusualInputPolicy | null | undefined {
  if (inputPolicy && onUnusualInput && inputPolicy !== onUnusualInput) {
    const issue = { path: 'input.onUnusualInput', message: `is ${onUnusualInput}, and inputPolicy ${inputPolicy}` };
    throw PraxisError.invalid([{ ...issue, hint: 'Leave out onUnusualInput, the former name.' }]);
  }
  return inputPolicy ?? onUnusualInput;
}
