// Models own what training made: one model per pipeline, one immutable version per successful run, with its card and a
// file for each precision of the weights. Files are read by the serving threads and downloaded by `modelRoute`.
export { ModelVariant, PrecisionEnum } from './model-variant.entity';
export { LeftOutColumn, Model, ModelCard, ModelInput, ModelTarget, ModelVersion, ModelWarning } from './model.entity';
export { ModelResolver, ModelVersionResolver } from './model.resolver';
export { modelRoute } from './model.route';
export { ModelService, type NewModelVariant, type NewModelVersion } from './model.service';
export { createModels } from './models.feature';
