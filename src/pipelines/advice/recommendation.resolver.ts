import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { DatasetService } from '../../datasets';
import { tenantOf, uuidOf, type GraphContext } from '../../kernel';
import { ModelRecommendation } from '../pipeline.type';
import { profileOf } from './profile';
import { recommendModels } from './recommendation';

@Resolver()
export class RecommendationResolver {
  constructor(private readonly datasets: DatasetService) {}

  @Query(() => [ModelRecommendation], {
    description:
      'Families that can predict a column, or several, best suited first; without one, those that find anomalies. ' +
      'NOT_FOUND for the dataset version; VALIDATION_FAILED when a target is not a column of the data, is constant, or is nearly empty.',
  })
  async recommendModels(
    @Arg('datasetVersionId', () => ID, { description: 'The dataset version.' }) datasetVersionId: string,
    @Arg('target', () => String, { nullable: true, description: 'Name of the column to predict.' })
    target: string | null,
    @Arg('targets', () => [String], { nullable: true, description: 'In place of target: names of several columns.' })
    targets: string[] | null,
    @Ctx() context: GraphContext,
  ): Promise<ModelRecommendation[]> {
    const id = uuidOf('DatasetVersion', datasetVersionId);
    return recommendModels(profileOf(await this.datasets.getVersion(tenantOf(context), id)), targets ?? target ?? []);
  }
}
