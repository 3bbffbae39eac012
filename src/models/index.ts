// Models own what training made: one model per pipeline, one immutable version per successful run, with its card and a
// file for each precision of the weights, and assets beside them. Files are read by the serving threads and downloaded by
// `modelRoutes`.
export { ModelAsset } from './files/model-asset.entity';
export { ModelVariant, PrecisionEnum } from './files/model-variant.entity';
export { Model, ModelCard, ModelTarget, ModelVersion, ModelWarning } from './model.entity';
export { LeftOutColumn, ModelInput } from './model-input.type';
export { ModelResolver, ModelVariantResolver, ModelVersionResolver } from './model.resolver';
export { modelRoutes } from './files/model.route';
export { ModelService, type NewModelAsset, type NewModelVariant, type NewModelVersion } from './model.service';
export { createModels } from './models.feature';
