// Uploads own how a file gets in over HTTP: addresses with a secret, and the route that streams. What becomes of a file
// is the business of the feature that asked for it.
export {
  checkToken,
  issueAddress,
  tenantOfAddress,
  UPLOAD_VALID_MS,
  UploadAddress,
  UploadExpired,
} from './upload-address';
export { inTurn, refuseEndedMaker } from './upload-turn';
export { uploadRoute, type ReceivedFile, type Receiver } from './upload.route';
export { createToken } from './upload-token';
