import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { DatasetService } from '../datasets';
import { tenantOf, uuidOf, type GraphContext } from '../kernel';
import { ModelRecommendation } from './pipeline.type';
import { profileOf } from './profile';
import { recommendModels } from './recommendation';

@Resolver()
export class RecommendationResolver {
  constructor(private readonly datasets: DatasetService) {}

  @Query(() => [ModelRecommendation], {
    description:
      'Families that can predict a column, best suited first. NOT_FOUND for the dataset version; VALIDATION_FAILED ' +
      'when the target is no column, constant, or nearly empty.',
  })
  async recommendModels(
    @Arg('datasetVersionId', () => ID, { description: 'The dataset version.' }) datasetVersionId: string,
    @Arg('target', () => String, { description: 'Name of the column to predict.' }) target: string,
    @Ctx() context: GraphContext,
  ): Promise<ModelRecommendation[]> {
    const id = uuidOf('DatasetVersion', datasetVersionId);
    return recommendModels(profileOf(await this.datasets.getVersion(tenantOf(context), id)), target);
  }
}
