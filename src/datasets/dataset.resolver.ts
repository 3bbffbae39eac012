import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import {
  ConnectionArgs,
  PAGE_SIZE_DEFAULT,
  PAGE_SIZE_MAX,
  replacedBy,
  oneNamed,
  PraxisError,
  isUuid,
  tenantOf,
  uuidOf,
  windowOf,
  type GraphContext,
  type Page,
} from '../kernel';
import { DatasetVersion, DatasetVersionConnection } from './dataset-version.entity';
import { Dataset, DatasetConnection } from './dataset.entity';
import { datasetList, type DatasetListArgs } from './dataset.list';
import { CreateDatasetInput, CreateUploadInput, DatasetUploadPayload } from './dataset.input';
import { DeleteDatasetInput, DeleteDatasetPayload, ReingestInput, ReingestPayload } from './dataset.input';
import { DatasetPreview, PREVIEW_COST } from './types/dataset-preview.type';
import { DatasetSample } from './types/dataset-sample.type';
import type { DatasetService } from './dataset.service';
import { Upload, UploadConnection } from './upload/upload.entity';

@Resolver(() => Dataset)
export class DatasetResolver {
  constructor(private readonly service: DatasetService) {}

  @Query(() => Dataset, {
    ...replacedBy('datasetById'),
    description: 'One dataset. NOT_FOUND when this tenant has none with this id.',
  })
  dataset(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<Dataset> {
    return this.service.get(tenantOf(context), uuidOf('Dataset', id));
  }

  @Query(() => DatasetConnection, { description: 'The datasets of this tenant, newest first.' })
  datasets(@Args(() => datasetList.Args) args: DatasetListArgs, @Ctx() context: GraphContext): Promise<Page<Dataset>> {
    return this.service.list(tenantOf(context), args);
  }

  @Mutation(() => DatasetUploadPayload, {
    description:
      'Creates a dataset and an address for its file. Ingestion starts when the file is in; see `datasetEvents`.',
  })
  createDataset(
    @Arg('input', () => CreateDatasetInput, { description: 'Name and format.' }) input: CreateDatasetInput,
    @Ctx() context: GraphContext,
  ): Promise<DatasetUploadPayload> {
    return this.service.create(tenantOf(context), { ...input });
  }

  @Mutation(() => DatasetUploadPayload, {
    description: 'An address for a new version of a dataset; the current version becomes its parent. NOT_FOUND.',
  })
  createUpload(
    @Arg('input', () => CreateUploadInput, { description: 'The dataset.' }) input: CreateUploadInput,
    @Ctx() context: GraphContext,
  ): Promise<DatasetUploadPayload> {
    const datasetId = uuidOf('Dataset', input.datasetId);
    return this.service.createUpload(tenantOf(context), { ...input, datasetId });
  }

  @Mutation(() => ReingestPayload, {
    description:
      'Reads the file of an upload again, with the reader of this release, into a new version of its dataset; the older versions ' +
      'stay as they are. Follow it with `datasetEvents`, as an upload. Content that equals the current version and was read by the ' +
      'same reader makes none. NOT_FOUND, also when the file is no longer kept (`Upload.keptUntil`); CONFLICT while the file is ' +
      'being read, or before it is in.',
  })
  reingest(
    @Arg('input', () => ReingestInput, { description: 'Which file.' }) input: ReingestInput,
    @Ctx() context: GraphContext,
  ): Promise<ReingestPayload> {
    if (!isUuid(input.uploadId)) throw PraxisError.notFound('Upload', input.uploadId);
    return this.service.reingest(tenantOf(context), { ...input });
  }

  @Mutation(() => DeleteDatasetPayload, {
    description:
      'Deletes a dataset for good: its versions, uploads, events and stored files. NOT_FOUND; CONFLICT, naming them, when ' +
      'runs, model versions or case runs were made from it, or while a file is being ingested.',
  })
  async deleteDataset(
    @Arg('input', () => DeleteDatasetInput, { description: 'Which dataset.' })
    { datasetId, id: older }: DeleteDatasetInput,
    @Ctx() context: GraphContext,
  ): Promise<DeleteDatasetPayload> {
    const id = oneNamed({ datasetId, id: older });
    await this.service.delete(tenantOf(context), uuidOf('Dataset', id));
    return { id };
  }

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description: 'The newest version; null until the first file is READY.',
  })
  currentVersion(@Root() { currentVersionId: id }: Dataset, @Ctx() context: GraphContext) {
    return id && this.service.versionById.load(context, id);
  }

  @FieldResolver(() => DatasetVersionConnection, { description: 'Its versions, newest first.' })
  versions(
    @Root() dataset: Dataset,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<DatasetVersion>> {
    return this.service.listVersions(tenantOf(context), dataset.id, args);
  }

  @FieldResolver(() => UploadConnection, {
    description: 'Its uploads, newest first; also those that wait for their file, were refused, or read a file again.',
  })
  uploads(
    @Root() dataset: Dataset,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() context: GraphContext,
  ): Promise<Page<Upload>> {
    return this.service.listUploads(tenantOf(context), dataset.id, args);
  }

  @FieldResolver(() => Upload, {
    description: 'Its newest upload: the state and the findings, also when it was REFUSED.',
  })
  latestUpload(@Root() dataset: Dataset, @Ctx() context: GraphContext): Promise<Upload> {
    return this.service.latestUpload(context, dataset.id);
  }
}

@Resolver(() => DatasetVersion)
export class DatasetVersionResolver {
  constructor(private readonly service: DatasetService) {}

  @Query(() => DatasetVersion, {
    ...replacedBy('datasetVersionById'),
    description: 'One version of a dataset. NOT_FOUND when this tenant has none with this id.',
  })
  datasetVersion(
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<DatasetVersion> {
    return this.service.getVersion(tenantOf(context), uuidOf('DatasetVersion', id));
  }

  @FieldResolver(() => Dataset, { description: 'The dataset it is a version of.' })
  dataset(@Root() version: DatasetVersion, @Ctx() context: GraphContext): Promise<Dataset> {
    return this.service.byId.load(context, version.datasetId);
  }

  @FieldResolver(() => DatasetPreview, {
    nullable: true,
    description: 'Its first rows, kept when the file was read; null for versions made before previews were.',
    complexity: ({ childComplexity }) => PREVIEW_COST + childComplexity,
  })
  preview(
    @Root() version: DatasetVersion,
    @Arg('first', () => Int, {
      defaultValue: PAGE_SIZE_DEFAULT,
      description: `At most how many rows, 1 to ${PAGE_SIZE_MAX}. Default ${PAGE_SIZE_DEFAULT}.`,
    })
    first: number,
    @Ctx() context: GraphContext,
  ): Promise<DatasetPreview | null> {
    return this.service.preview(context, version, windowOf({ first }).size);
  }

  @FieldResolver(() => DatasetSample, {
    nullable: true,
    description: 'Some of its rows, drawn at random; null for versions made before samples were.',
    complexity: ({ childComplexity }) => PREVIEW_COST + childComplexity,
  })
  sample(
    @Root() version: DatasetVersion,
    @Arg('rows', () => Int, {
      defaultValue: PAGE_SIZE_DEFAULT,
      description: `At most how many rows, 1 to ${PAGE_SIZE_MAX}. Default ${PAGE_SIZE_DEFAULT}.`,
    })
    rows: number,
    @Arg('seed', () => Int, { defaultValue: 0, description: 'The same seed draws the same rows. Default 0.' })
    seed: number,
    @Ctx() context: GraphContext,
  ): Promise<DatasetSample | null> {
    checkRows(rows);
    return this.service.sample(context, version, { rows, seed });
  }

  @FieldResolver(() => Upload, {
    nullable: true,
    description: 'The upload that it was read from; null in versions of earlier releases.',
  })
  upload(@Root() { uploadId }: DatasetVersion, @Ctx() context: GraphContext) {
    return uploadId && this.service.uploadById.load(context, uploadId);
  }

  @FieldResolver(() => DatasetVersion, { nullable: true, description: 'The version it followed; null for the first.' })
  parent(@Root() { parentId }: DatasetVersion, @Ctx() context: GraphContext) {
    return parentId && this.service.versionById.load(context, parentId);
  }
}

@Resolver(() => Upload)
export class UploadResolver {
  constructor(private readonly service: DatasetService) {}

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description: 'The version with its content; null unless READY.',
  })
  version(@Root() { versionId }: Upload, @Ctx() context: GraphContext) {
    return versionId && this.service.versionById.load(context, versionId);
  }

  @FieldResolver(() => Upload, {
    nullable: true,
    description: 'Where a file is read again: the upload that it came with. Null for that one.',
  })
  source(@Root() { sourceId }: Upload, @Ctx() context: GraphContext) {
    return sourceId && this.service.uploadById.load(context, sourceId);
  }
}

function checkRows(rows: number): void {
  if (rows >= 1 && rows <= PAGE_SIZE_MAX) return;
  throw PraxisError.invalid([{ path: 'rows', message: `must be between 1 and ${PAGE_SIZE_MAX}, got ${rows}` }]);
}
